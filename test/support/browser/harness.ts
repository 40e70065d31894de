// In the page: drives the built SDK for a test, and keeps a record of all that it tells.
import type * as Sdk from '../../../src/index.ts'
import type { CallTarget } from './tab.ts'

// The built package, by the address under which the test site serves it; `?deploy=` names another one than ours.
const deploy = new URLSearchParams(location.search).get('deploy') ?? 'dist'
const sdk: typeof Sdk = await import(/* @vite-ignore */ new URL(`/${deploy}/index.js`, location.href).href)

/** One thing that the SDK told, in the order in which it did. */
export interface Told {
  readonly room?: string
  readonly name: string
  // biome-ignore lint/suspicious/noExplicitAny: a record of every kind of event, looked into by tests
  readonly event: any
}

/** What something told must hold: each value that is there, whatever else comes with it. */
export type Pattern = { readonly room?: string; readonly name?: string; readonly event?: unknown }

const ROOM_EVENTS = [
  'occupant-joined',
  'occupant-left',
  'occupant-changed',
  'nick-changed',
  'affiliation-changed',
  'joined',
  'message',
  'private-message',
  'message-updated',
  'subject',
  'catching-up',
  'typing',
  'config',
  'configuration-needed',
  'voice-request',
  'interrupted',
  'resumed',
  'left',
  'removed',
  'destroyed',
] as const satisfies readonly (keyof Sdk.RoomEvents)[]

const CHAT_EVENTS = ['message', 'message-updated', 'typing'] as const satisfies readonly (keyof Sdk.ChatEvents)[]

const ACCOUNT_EVENTS = [
  'chat',
  'status',
  'membership',
  'presence',
  'invite',
  'invite-closed',
  'invite-declined',
  'bookmark',
  'unread',
  'notify',
  'notifications',
  'activity',
  'upload',
  'outdated',
  'error',
] as const satisfies readonly (keyof Sdk.AccountEvents)[]

export interface MadeUpFile {
  readonly name: string
  readonly type: string
  readonly size: number
}

export interface FileSent {
  readonly message: Sdk.Message
  /** What `onProgress` was told. */
  readonly progress: readonly number[]
}

const ROSTER_EVENTS = [
  'loaded',
  'changed',
  'presence',
  'request',
  'request-closed',
] as const satisfies readonly (keyof Sdk.RosterEvents)[]

const told: Told[] = []
const waiting = new Set<() => void>()
const watched = new Set<string>()
const joins = new Map<string, AbortController>()
let fileEnding = new AbortController()
let unlisten: (() => void) | undefined

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
    for (const name of ACCOUNT_EVENTS) account.on(name, (event) => record({ name, event: plain(event) }))
    account.profile.on('nick', (event) => record({ name: 'nick of somebody', event }))
    account.avatars.on('changed', (event) => record({ name: 'avatar changed', event }))
    for (const name of ROSTER_EVENTS) account.roster.on(name, (event) => record({ name: `roster ${name}`, event }))
  },

  /** The account of a tab that is connected. */
  connected(): Sdk.Account {
    if (!driver.account) throw new Error('not connected')
    return driver.account
  },

  /** The room, with all its events on the record. */
  room(jid: string): Sdk.Room {
    const room = driver.connected().room(jid)
    if (watched.has(jid)) return room
    watched.add(jid)
    for (const name of ROOM_EVENTS) room.on(name, (event) => record({ room: jid, name, event: plain(event) }))
    return room
  },

  /** The conversation with that person, with all its events on the record. */
  chat(jid: string): Sdk.Chat {
    const chat = driver.connected().chat(jid)
    if (watched.has(jid)) return chat
    watched.add(jid)
    for (const name of CHAT_EVENTS) chat.on(name, (event) => record({ room: jid, name, event: plain(event) }))
    return chat
  },

  /** A join that `abortJoin` can give up. */
  join(jid: string, options: Sdk.JoinOptions): Promise<Sdk.JoinResult> {
    const controller = new AbortController()
    joins.set(jid, controller)
    return driver.room(jid).join({ ...options, signal: controller.signal })
  },

  abortJoin(jid: string): void {
    joins.get(jid)?.abort()
  },

  /** Sends a file that is made up here: bytes that are not all the same. `abortFile` gives the last one up. */
  async sendFile(
    on: 'room' | 'chat',
    jid: string,
    { name, type, size }: MadeUpFile,
    options: Sdk.SendFileOptions,
  ): Promise<FileSent> {
    const bytes = new Uint8Array(size)
    for (let at = 0; at < size; at++) bytes[at] = at % 251
    const progress: number[] = []
    fileEnding = new AbortController()
    const { signal } = fileEnding
    const onProgress = ({ sent }: Sdk.Upload): void => void progress.push(sent)
    const file = new File([bytes], name, { type })
    const message = await driver[on](jid).sendFile(file, { ...options, onProgress, signal })
    return { message, progress }
  },

  abortFile(): void {
    fileEnding.abort()
  },

  /** What is on its way in this tab's eyes. */
  uploads(): Sdk.Upload[] {
    return [...driver.connected().uploads.values()]
  },

  /** One call of a room, the account or a part of it, by its name. */
  call(on: CallTarget, jid: string, name: string, args: readonly unknown[]): Promise<unknown> {
    const account = driver.connected()
    const target =
      on === 'room' ? driver.room(jid) : on === 'chat' ? driver.chat(jid) : on === 'account' ? account : account[on]
    const method: unknown = Reflect.get(target, name)
    if (typeof method !== 'function') throw new Error(`${on} has no ${name}`)
    return Reflect.apply(method, target, args)
  },

  /** Makes a room. @returns its address */
  async create(options: Sdk.NewRoom): Promise<string> {
    const { jid } = await driver.connected().directory.create(options)
    driver.room(jid)
    return jid
  },

  /** What the room is in this tab now, as data. */
  state(jid: string) {
    const { occupants, ...rest } = driver.room(jid).snapshot()
    return { ...rest, occupants: Object.fromEntries(occupants) }
  },

  /** Puts all stanzas on the record, or no more. */
  listen(on: boolean): void {
    unlisten?.()
    unlisten = on ? driver.connected().on('stanza', (event) => record({ name: 'stanza', event })) : undefined
  },

  /** Resolves with the first thing told, past or to come, for which the test holds. */
  until(test: (entry: Told, all: readonly Told[]) => boolean, ms: number, what: string, since = 0): Promise<Told> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(deadline)
        waiting.delete(look)
      }
      const look = (): void => {
        const found = told.find((entry, at) => at >= since && test(entry, told))
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

  /** Resolves with the first thing told since a mark that holds what the pattern holds. */
  untilLike(pattern: Pattern, ms: number, since: number): Promise<Told> {
    return driver.until((entry) => holds(entry, pattern), ms, JSON.stringify(pattern), since)
  },

  /** Resolves when that contact is in this tab what the pattern holds; `null`: when there is none. */
  untilContact(jid: string, pattern: unknown, ms: number): Promise<void> {
    const { roster } = driver.connected()
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const contact = roster.snapshot().contacts.get(jid)
        if (pattern === null ? contact !== undefined : !holds(contact, pattern)) return
        end()
        resolve()
      }
      const off = roster.subscribe(look)
      const deadline = setTimeout(() => {
        end()
        const contact = JSON.stringify(roster.snapshot().contacts.get(jid))
        reject(new Error(`${jid} is not ${JSON.stringify(pattern)} within ${ms} ms, but ${contact}`))
      }, ms)
      const end = (): void => {
        off()
        clearTimeout(deadline)
      }
      look()
    })
  },

  /** The picture of an occupant, of a room, or of somebody by JID, as a page gets it: what is at its address. */
  async avatar({ room, nick, jid = '' }: { room?: string; nick?: string; jid?: string }) {
    const of = room === undefined ? undefined : driver.room(room)
    const occupant = nick === undefined ? undefined : of?.occupants.get(nick)
    const url = await driver.connected().avatars.url(occupant ?? of ?? { jid })
    if (url === undefined) return null
    const blob = await (await fetch(url)).blob()
    const digest = await crypto.subtle.digest('SHA-1', await blob.arrayBuffer())
    const hash = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
    return { url, hash, type: blob.type }
  },

  /** Gives the account a picture: its SHA-1. */
  setAvatar(base64: string): Promise<string> {
    return driver.connected().avatars.set(new Blob([Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))]))
  },

  /** Whether something is still at that address. */
  isThere(url: string): Promise<boolean> {
    return fetch(url).then(
      () => true,
      () => false,
    )
  },

  /** Puts the clock of the worker forward, where it is the one of the tests; resolves when what is due has begun. */
  async advance(ms: number): Promise<void> {
    const channel = new BroadcastChannel('minimix-test-clock')
    const done = new Promise<void>((resolve, reject) => {
      const deadline = setTimeout(() => reject(new Error('the worker has no clock that can be put forward')), 30_000)
      channel.onmessage = ({ data }) => {
        if (data !== 'advanced') return
        clearTimeout(deadline)
        resolve()
      }
    })
    channel.postMessage({ advance: ms })
    try {
      await done
    } finally {
      channel.close()
    }
  },

  /** Ends the worker, where it is one that tests can end; resolves when it is dead. */
  async endWorker(): Promise<void> {
    const lock = 'minimix-test-worker'
    const { held = [] } = await navigator.locks.query()
    if (!held.some(({ name }) => name === lock)) throw new Error('there is no worker that tests can end')
    const channel = new BroadcastChannel('minimix-test-end')
    channel.postMessage('end')
    await navigator.locks.request(lock, () => undefined)
    channel.close()
  },
}

/** Whether a value has all that another one has; lists must be of the same length. */
function holds(value: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return Object.is(value, wanted)
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(wanted) && (!Array.isArray(value) || value.length !== wanted.length)) return false
  return Object.entries(wanted).every(([key, each]) => holds(Reflect.get(value, key), each))
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
