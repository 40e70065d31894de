// In the page: drives the built SDK for a test, and keeps a record of all that it tells.
import type * as Sdk from '../../../src/index.ts'

// The built package, by the address under which the test site serves it.
const sdk: typeof Sdk = await import(/* @vite-ignore */ new URL('/dist/index.js', location.href).href)

/** One thing that the SDK told, in the order in which it did. */
export interface Told {
  readonly room?: string
  readonly name: string
  // biome-ignore lint/suspicious/noExplicitAny: a record of every kind of event, looked into by tests
  readonly event: any
}

const ROOM_EVENTS = [
  'occupant-joined',
  'occupant-left',
  'occupant-changed',
  'nick-changed',
  'joined',
  'message',
  'message-updated',
  'subject',
  'config',
  'interrupted',
  'resumed',
  'left',
  'removed',
  'destroyed',
] as const satisfies readonly (keyof Sdk.RoomEvents)[]

const told: Told[] = []
const waiting = new Set<() => void>()
const watched = new Set<string>()

function record(entry: Told): void {
  told.push(entry)
  for (const look of [...waiting]) look()
}

const driver = {
  told,
  sdk,
  account: undefined as Sdk.Account | undefined,

  async connect(options: Sdk.ConnectOptions): Promise<void> {
    const account = await sdk.connect(options)
    driver.account = account
    for (const name of ['status', 'membership', 'error'] as const)
      account.on(name, (event) => record({ name, event: plain(event) }))
  },

  /** The room, with all its events on the record. */
  room(jid: string): Sdk.Room {
    if (!driver.account) throw new Error('not connected')
    const room = driver.account.room(jid)
    if (watched.has(jid)) return room
    watched.add(jid)
    for (const name of ROOM_EVENTS) room.on(name, (event) => record({ room: jid, name, event: plain(event) }))
    return room
  },

  /** Resolves with the first thing told, past or to come, for which the test holds. */
  until(test: (entry: Told, all: readonly Told[]) => boolean, ms: number, what: string): Promise<Told> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(deadline)
        waiting.delete(look)
      }
      const look = (): void => {
        const found = told.find((entry) => test(entry, told))
        if (!found) return
        end()
        resolve(found)
      }
      const deadline = setTimeout(() => {
        end()
        reject(new Error(`${what}: not within ${ms} ms; told so far: ${told.map(({ name }) => name).join(' ')}`))
      }, ms)
      waiting.add(look)
      look()
    })
  },
}

/** Errors cross to the test as what they say. */
function plain(event: object): unknown {
  if (event instanceof Error) return { ...event, message: event.message }
  return 'error' in event && event.error instanceof Error ? { ...event, error: plain(event.error) } : event
}

export type Harness = typeof driver

declare global {
  var harness: Harness
}

globalThis.harness = driver
document.title = 'ready'
