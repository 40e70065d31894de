/** What the page is told by whoever serves it. */
export interface DemoConfig {
  /** Accounts that anybody may use. */
  readonly accounts: readonly { readonly jid: string; readonly password: string }[]
  readonly service: string
  readonly mucDomain: string
  /** The room to begin with: a bare JID. */
  readonly room: string
  /** There is no server: the worker has one in memory. */
  readonly memory?: boolean
}

/** Beside the page, wherever a static site has it. */
const ADDRESS = './demo/config.json'

/** The server's word about itself, or `undefined` where the page is served by something else. */
export async function loadConfig(): Promise<DemoConfig | undefined> {
  try {
    const answer = await fetch(ADDRESS)
    const config: unknown = answer.ok ? await answer.json() : undefined
    return isConfig(config) ? config : undefined
  } catch {
    return undefined // no such address, or a page in its place
  }
}

function isConfig(value: unknown): value is DemoConfig {
  if (typeof value !== 'object' || value === null) return false
  const { accounts, service, mucDomain, room } = value as Partial<Record<keyof DemoConfig, unknown>>
  return [service, mucDomain, room].every((text) => typeof text === 'string') && Array.isArray(accounts)
}
