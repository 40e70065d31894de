/** How much of the archive this browser keeps; left out: as much as the SDK would. */
export interface Kept {
  readonly messages?: number
  readonly days?: number
}

/** What a tab needs to come back by itself. Never a password: the broker has signed in already, or somebody must again. */
export interface Remembered {
  readonly jid: string
  readonly service: string
  /** Rooms that the tab was in. */
  readonly rooms: readonly { readonly jid: string; readonly nick: string }[]
  /** As it was at the sign-in: a worker that keeps something else would have to be signed in again. */
  readonly kept: Kept
  /** Whether to sign in without being asked. */
  readonly signedIn: boolean
}

const KEY = 'minimix-demo'

/** What this tab was, or else the last tab that changed anything: a new tab is to be like it. */
export function recall(): Remembered | undefined {
  return read(() => sessionStorage) ?? read(() => localStorage)
}

/** For a reload of this tab, and for tabs to come. */
export function remember(what: Remembered): void {
  write(() => sessionStorage, what)
  write(() => localStorage, what)
}

/** For this tab alone: others, and tabs to come, stay as they are. */
export function rememberHere(what: Remembered): void {
  write(() => sessionStorage, what)
}

/** A browser that forbids storage throws already when it is named. */
function read(storage: () => Storage): Remembered | undefined {
  try {
    const value: unknown = JSON.parse(storage().getItem(KEY) ?? 'null')
    return isRemembered(value) ? value : undefined
  } catch {
    return undefined
  }
}

function write(storage: () => Storage, what: Remembered): void {
  try {
    storage().setItem(KEY, JSON.stringify(what))
  } catch {
    // Forbidden or full: the tab will have to ask again.
  }
}

function isRemembered(value: unknown): value is Remembered {
  if (typeof value !== 'object' || value === null) return false
  const { jid, service, rooms, kept, signedIn } = value as Partial<Record<keyof Remembered, unknown>>
  const areTexts = typeof jid === 'string' && typeof service === 'string'
  const isKept = typeof kept === 'object' && kept !== null
  return areTexts && isKept && Array.isArray(rooms) && typeof signedIn === 'boolean'
}
