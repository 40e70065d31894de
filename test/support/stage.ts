import type { Browser, BrowserContext } from 'playwright-core'
import { launchChromium } from './browser/chromium.ts'
import { type Site, startSite } from './browser/site.ts'
import { Tab } from './browser/tab.ts'
import { type Element, RawClient } from './raw-client.ts'
import { type ChatServer, type ServerKind, startServer } from './servers/index.ts'
import { startWireProxy, type WireProxy } from './wire-proxy.ts'

export const PASSWORD = 'a password'
const NS_MUC_USER = 'http://jabber.org/protocol/muc#user'

/** A server, a browser and a site, which the scenes of one file share. */
export interface Stage extends AsyncDisposable {
  readonly server: ChatServer
  readonly browser: Browser
  readonly site: Site
  /** A new account of that name (made unique), its bare JID. */
  account(name: string): Promise<string>
  scene(): Promise<Scene>
}

/** One test's part: an account with a profile of the browser, a wire of its own, a room, and Bob who watches it. */
export interface Scene extends AsyncDisposable {
  readonly room: string
  /** Bare JID of the account whose tabs are tested. */
  readonly account: string
  readonly wire: WireProxy
  readonly profile: BrowserContext
  readonly bob: RawClient
  /** A tab that is connected. The first one signs in. */
  tab(): Promise<Tab>
  /** Another client, of a new account. */
  client(name: string): Promise<RawClient>
  /** Another client of the tested account. */
  device(resource: string): Promise<RawClient>
}

export async function setStage(kind: ServerKind): Promise<Stage> {
  const [server, browser, site] = await Promise.all([startServer(kind), launchChromium(), startSite()])
  let number = 0
  const account = async (name: string): Promise<string> => {
    const unique = `${name}${++number}`
    await server.addAccount(unique, PASSWORD)
    return `${unique}@${server.domain}`
  }
  const stage: Stage = {
    server,
    browser,
    site,
    account,
    scene: () => setScene(stage, `room${++number}@${server.mucDomain}`),
    async [Symbol.asyncDispose]() {
      await Promise.all([browser.close(), site[Symbol.asyncDispose](), server.dispose()])
    },
  }
  return stage
}

async function setScene({ server, browser, site, account }: Stage, room: string): Promise<Scene> {
  const [tested, wire, profile] = await Promise.all([
    account('juliet'),
    startWireProxy({ target: server.url }),
    browser.newContext(),
  ])
  const clients: RawClient[] = []
  const connect = async (jid: string, resource: string): Promise<RawClient> => {
    const client = await RawClient.connect({ url: server.url, jid, password: PASSWORD, resource })
    clients.push(client)
    return client
  }
  const bob = await connect(await account('bob'), 'watcher')
  await bob.join(room, 'Bob')
  return {
    room,
    account: tested,
    wire,
    profile,
    bob,
    async tab() {
      const tab = await Tab.open(profile, site.origin)
      await tab.connect({ jid: tested, service: wire.url, password: PASSWORD })
      return tab
    },
    client: async (name) => connect(await account(name), name),
    device: (resource) => connect(tested, resource),
    async [Symbol.asyncDispose]() {
      await profile.close()
      await Promise.all(clients.map((client) => client.close()))
      await wire.close()
    },
  }
}

/** The presences that a client got of an occupant since a mark: `available` or `unavailable`, in their order. */
export function presencesOf(client: RawClient, occupantJid: string, since: number): string[] {
  return client
    .received(since)
    .filter((stanza) => stanza.is('presence') && stanza.attrs['from'] === occupantJid)
    .map((stanza) => stanza.attrs['type'] ?? 'available')
}

/** The groupchat messages with a body that a client got since a mark. */
export function bodiesSeen(client: RawClient, room: string, since: number): string[] {
  return client
    .received(since)
    .filter((stanza) => stanza.is('message') && stanza.attrs['from']?.startsWith(`${room}/`) && stanza.getChild('body'))
    .map((stanza) => stanza.getChildText('body') ?? '')
}

export function hasStatus(stanza: Element, code: number): boolean {
  const x = stanza.getChild('x', NS_MUC_USER)
  return x?.getChildren('status').some((status) => status.attrs['code'] === String(code)) ?? false
}
