import { launchBrowser } from './browser/launch.ts'
import { type Site, startSite } from './browser/site.ts'
import { Tab, type TabOptions } from './browser/tab.ts'
import type { BrowserKind, TestBrowser, TestProfile } from './browser/test-browser.ts'
import { bare, type Element, RawClient } from './raw-client.ts'
import { configureRoom, type RoomFields } from './raw-room.ts'
import { type ChatServer, type ProsodyOptions, type ServerKind, startServer } from './servers/index.ts'
import { type Frame, startWireProxy, type Verdict, type WireProxy } from './wire-proxy.ts'

export const PASSWORD = 'a password'
const NS_MUC_USER = 'http://jabber.org/protocol/muc#user'
/** A worker as the built one, but with a clock that tests can put forward. */
const CLOCK_WORKER = '/test/conformance/browser/clock-worker.ts'
/** A worker as the built one, but which tests can end. */
const MORTAL_WORKER = '/test/conformance/browser/mortal-worker.ts'

/** A server, a browser and a site, which the scenes of one file share. */
export interface Stage extends AsyncDisposable {
  readonly server: ChatServer
  readonly browser: TestBrowser
  readonly site: Site
  /** A new account of that name (made unique), its bare JID. */
  account(name: string): Promise<string>
  scene(options?: SceneOptions): Promise<Scene>
}

export interface SceneOptions {
  /** Whether Bob makes the room and watches it; he does unless said. */
  readonly watched?: boolean
  /** How the room is configured, besides that newcomers may speak. */
  readonly fields?: RoomFields
  /** Whether the worker's clock can be put forward, by `tab.advance()`; not unless said. */
  readonly clock?: boolean
  /** Whether the browser is one of its own, which can be stopped without harm to others. */
  readonly apart?: boolean
  /** Whether the browser goes back to a page as it was left. */
  readonly keepsPages?: boolean
  /** Whether the worker can be ended in any browser, by `tab.killWorker()`; in some only then. */
  readonly mortal?: boolean
  /** Whether the server lets a session go on after its connection was lost; it does unless said. */
  readonly resumes?: boolean
}

/** One test's part: an account with a profile of the browser, a wire of its own, a room, and Bob who watches it. */
export interface Scene extends AsyncDisposable {
  readonly room: string
  /** The rooms that Bob made, the first of which is `room`. */
  readonly rooms: readonly string[]
  /** Bare JID of the account whose tabs are tested. */
  readonly account: string
  readonly server: ChatServer
  readonly wire: WireProxy
  readonly profile: TestProfile
  readonly bob: RawClient
  /** The tabs that were opened, oldest first. */
  readonly opened: readonly Tab[]
  /** A tab that is connected. The first one signs in. */
  tab(options?: Partial<TabOptions>): Promise<Tab>
  /** Several tabs that are connected. */
  tabs(count: number, options?: Partial<TabOptions>): Promise<Tab[]>
  /** A tab that is not connected yet. */
  openTab(): Promise<Tab>
  connect(tab: Tab, options?: Partial<TabOptions>): Promise<void>
  /** An address of the room service at which no room is yet. */
  newAddress(): string
  /** Another room that Bob makes and watches. */
  makeRoom(fields?: RoomFields): Promise<string>
  /** Another client, of a new account. */
  client(name: string): Promise<RawClient>
  /** Another client of the tested account. */
  device(resource: string, features?: readonly string[]): Promise<RawClient>
  /** Another client of the account of that one. */
  deviceOf(client: RawClient, resource: string): Promise<RawClient>
}

/** @param options what a server of another kind does not know is left out */
export async function setStage(
  kind: ServerKind,
  options: ProsodyOptions = {},
  browserKind: BrowserKind = 'chromium',
): Promise<Stage> {
  const [server, browser, site] = await Promise.all([
    startServer(kind, options),
    launchBrowser(browserKind),
    startSite(),
  ])
  let number = 0
  const account = async (name: string): Promise<string> => {
    const unique = `${name}${++number}`
    await server.addAccount(unique, PASSWORD)
    return `${unique}@${server.domain}`
  }
  const newAddress = (): string => `room${++number}@${server.mucDomain}`
  const stage: Stage = {
    server,
    browser,
    site,
    account,
    scene: (options = {}) => setScene(stage, newAddress, options),
    async [Symbol.asyncDispose]() {
      await Promise.all([browser.close(), site[Symbol.asyncDispose](), server.dispose()])
    },
  }
  return stage
}

/** The session ends with its connection, as where it was away for too long. */
const withoutResumption = ({ dir, text }: Frame): Verdict =>
  dir === 'up' && /^<(?:enable|authenticate) /.test(text)
    ? { replace: text.replace('<enable xmlns="urn:xmpp:sm:3" resume="true"/>', '<enable xmlns="urn:xmpp:sm:3"/>') }
    : 'pass'

async function setScene(
  { server, browser, site, account }: Stage,
  newAddress: () => string,
  {
    watched = true,
    fields = {},
    clock = false,
    mortal = false,
    keepsPages = false,
    apart = false,
    resumes = true,
  }: SceneOptions,
): Promise<Scene> {
  const [tested, wire, profile] = await Promise.all([
    account('juliet'),
    startWireProxy({ target: server.url }),
    browser.newProfile({ keepsPages, apart }),
  ])
  if (!resumes) wire.rule(withoutResumption)
  const clients: RawClient[] = []
  const opened: Tab[] = []
  const rooms: string[] = []
  const connect = async (jid: string, resource: string, features?: readonly string[]): Promise<RawClient> => {
    const words = { url: server.url, jid, password: PASSWORD, resource, ...(features && { features }) }
    const client = await RawClient.connect(words)
    clients.push(client)
    return client
  }
  const end = async (): Promise<void> => {
    await profile.close()
    await Promise.all(clients.map((client) => client.close()))
    await wire.close()
  }
  // Whatever a scene that does not come about has begun must not keep the process alive.
  const orEnd = async <T>(begun: Promise<T>): Promise<T> =>
    begun.catch(async (error: unknown) => {
      await end()
      throw error
    })
  const bob = await orEnd(account('bob').then((jid) => connect(jid, 'watcher')))
  const make = async (room: string, fields: RoomFields): Promise<string> => {
    await bob.join(room, 'Bob')
    await configureRoom(bob, room, { 'muc#roomconfig_moderatedroom': false, ...fields })
    rooms.push(room)
    return room
  }
  const room = newAddress()
  if (watched) await orEnd(make(room, fields))
  const scene: Scene = {
    room,
    rooms,
    account: tested,
    server,
    wire,
    profile,
    bob,
    opened,
    newAddress,
    makeRoom: (fields = {}) => make(newAddress(), fields),
    async openTab() {
      const tab = await Tab.open(profile, site.origin)
      opened.push(tab)
      return tab
    },
    connect: (tab, options = {}) => {
      const worker = clock ? CLOCK_WORKER : mortal && browser.mortalWorkers ? MORTAL_WORKER : undefined
      const signIn = { jid: tested, service: wire.url, password: PASSWORD }
      return tab.connect({ ...signIn, ...(worker !== undefined && { worker }), ...options })
    },
    async tab(options) {
      const tab = await scene.openTab()
      await scene.connect(tab, options)
      return tab
    },
    async tabs(count, options) {
      const first = await scene.tab(options)
      const others = await Promise.all(Array.from({ length: count - 1 }, () => scene.tab(options)))
      return [first, ...others]
    },
    client: async (name) => connect(await account(name), name),
    device: (resource, features) => connect(tested, resource, features),
    deviceOf: ({ jid }, resource) => connect(bare(jid), resource),
    [Symbol.asyncDispose]: end,
  }
  return scene
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
