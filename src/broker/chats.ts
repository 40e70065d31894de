import { believeArchive, newChat } from '../chats/chat.ts'
import { type Came, type ChatInput, stepChat } from '../chats/step.ts'
import type { TabEvent } from '../contract/api.ts'
import { failure } from '../contract/errors.ts'
import { type ChatWord, readChatWord } from '../protocol/chat-message.ts'
import { bareOf } from '../protocol/jid.ts'
import { iq } from '../protocol/stanza.ts'
import type { ArchiveWish } from '../protocol/xep-0313-mam.ts'
import { el, type XmlNode } from '../protocol/xml.ts'
import type { Effect } from '../rooms/effects.ts'
import type { Gap } from '../rooms/gaps.ts'
import type { Context, Room, TabId } from '../rooms/room.ts'
import type { PageAnswer } from './archive-pages.ts'
import { ChatList } from './chat-list.ts'
import { ChatsCatchUp } from './chats-catch-up.ts'
import type { OwnArchive } from './own-archive.ts'
import { perform, type RoomWorld } from './room-effects.ts'
import type { TabLink } from './tab-link.ts'

export interface ChatsWorld {
  readonly rooms: RoomWorld
  readonly context: Context
  readonly archive: OwnArchive
  /** The server says what it has handled, and is asked to say so now. */
  readonly managed: () => boolean
  readonly askHandled: () => void
  /** The address is that of a room, or may be. */
  readonly isRoom: (jid: string) => boolean
}

/** Chats whose messages are looked after, beside those that tabs listen to. */
const MOST_OPEN = 60
const PING_MS = 20_000
/** What makes somebody's chat one that is looked after; what else comes of one that is not is late. */
const OPENS: ReadonlySet<ChatInput['on']> = new Set([
  'word',
  'tab-listens',
  'tab-sends',
  'tab-acts',
  'worker-says',
  'tab-types',
  'tab-gives-up',
  'tab-shows',
  'displayed',
])

/** What waits for a chat until the store has been asked. */
interface Loading {
  readonly inputs: ChatInput[]
  readonly waiting: (() => void)[]
}

/** The account's conversations with one person each, by their bare JIDs. */
export class Chats {
  readonly #world: ChatsWorld
  readonly #list: ChatList
  readonly #catchUp: ChatsCatchUp
  /** The one that something happened to at last comes last. */
  readonly #open = new Map<string, Room>()
  readonly #loading = new Map<string, Loading>()
  /** As the store has them. */
  readonly #gaps = new WeakMap<Room, readonly Gap[]>()
  /** There is no connection. */
  #away = true

  constructor(world: ChatsWorld) {
    const { store, commits, clock, tabs, log } = world.rooms
    this.#world = world
    const announce = (events: readonly TabEvent[]): void =>
      commits.after(() => {
        for (const event of events) tabs.announce(event)
      })
    this.#list = new ChatList({ store, commits, announce, log })
    this.#catchUp = new ChatsCatchUp({
      archive: world.archive,
      list: this.#list,
      clock,
      log,
      taken: (word, came) => this.#take(word, came),
      settled: () => this.#isSettled,
      broken: () => this.stepAll({ on: 'missed-some' }),
      ended: (ending) => this.stepAll({ on: 'caught-up', ...ending }),
      online: () => world.context.online,
    })
    void this.#list.ready.then(() => {
      for (const jid of this.#list.waiting) this.#opened(jid)
    })
  }

  /** What a tab is to know of them. */
  get told(): readonly TabEvent[] {
    return this.#list.told
  }

  get(jid: string): Room | undefined {
    return this.#open.get(jid)
  }

  has(jid: string): boolean {
    return this.#open.has(jid) || this.#list.has(jid)
  }

  /** Resolves once it is known what the store and the archive have of that chat, if it is one. */
  async whenKnown(jid: string): Promise<void> {
    const loading = this.#loading.get(jid)
    if (loading) await new Promise<void>((resolve) => loading.waiting.push(resolve))
    if (this.has(jid)) await this.#catchUp.over
  }

  /** A message, also one in a copy that the server made of what another device has sent or got. @returns whether it meant something */
  stanza(stanza: XmlNode, copied = false): boolean {
    const { context, isRoom } = this.#world
    const word = stanza.name === 'message' ? readChatWord(stanza, context.account) : undefined
    if (!word || (isRoom(word.peer) && !this.has(word.peer))) return false
    if (!word.own && context.isBlocked?.(bareOf(word.from))) return true
    if (!this.has(word.peer) && !saysSomething(word)) return false
    this.#catchUp.heard({ ...word, copied })
    return true
  }

  /** What makes somebody's chat one, though nothing was said there by anybody. */
  begin(jid: string, input: Extract<ChatInput, { on: 'tab-listens' | 'worker-says' }>): void {
    const { rooms, isRoom } = this.#world
    if (isRoom(jid) && !this.has(jid))
      rooms.tabs.fail(input.call, failure('not-acceptable', `chat with ${jid}: that is a room`))
    else this.step(jid, input)
  }

  step(jid: string, input: ChatInput): void {
    if (!this.#open.has(jid) && !this.#opens(jid, input)) return
    const chat = this.#opened(jid)
    const loading = this.#loading.get(jid)
    if (!loading) return this.#perform(chat, input)
    if (input.on !== 'loaded') return void loading.inputs.push(input)
    this.#loading.delete(jid)
    const hasBroken = this.#list.hasBroken(jid)
    this.#perform(chat, input)
    if (hasBroken) this.#perform(chat, { on: 'missed-some' })
    for (const each of loading.inputs) this.#perform(chat, each)
    for (const go of loading.waiting) go()
  }

  /** What another device has read is looked at where something is unread here. */
  #opens(jid: string, input: ChatInput): boolean {
    if (input.on === 'displayed' && input.call === undefined) return this.#list.unreadIn(jid) > 0
    return OPENS.has(input.on)
  }

  stepAll(input: ChatInput): void {
    for (const jid of [...this.#open.keys()]) this.step(jid, input)
  }

  tabGone(tab: TabId): void {
    this.stepAll({ on: 'tab-gone', tab })
  }

  /** A tab that had fallen behind is told what it missed. */
  showAgain(link: TabLink): void {
    const { archive } = this.#world.rooms.store
    for (const jid of [...this.#open.keys()]) {
      const order = link.told(jid)
      this.step(jid, { on: 'tab-back', tab: link.id, after: order === undefined ? undefined : { order, archive } })
    }
  }

  /** What of one conversation the account's archive has next to a message of it. */
  page(jid: string, wish: ArchiveWish): Promise<PageAnswer> {
    return this.#world.archive.page(jid, wish)
  }

  /** The session is there already: nothing was said before it. @param hasArchive the account has an archive, which was empty */
  begun(hasArchive: boolean): void {
    this.#away = false
    this.#catchUp.nothingMissed(hasArchive)
  }

  /** A session has begun, or goes on: `again`, with nothing said that is not coming now. */
  online(session: 'new' | 'restored' | 'again'): void {
    this.#away = false
    if (session !== 'again') this.#catchUp.begin()
    else if (this.#catchUp.active) this.#catchUp.resumed()
    else this.stepAll({ on: 'back' })
  }

  offline(lost: boolean): void {
    this.#away = true
    this.stepAll({ on: 'away', lost })
    if (lost) this.#catchUp.lost()
  }

  /** The server has handled these. */
  handled(stanzas: readonly XmlNode[]): void {
    for (const { attrs } of stanzas) {
      const { to = '', id = '' } = attrs
      if (this.#open.get(bareOf(to))?.sending.has(id)) this.step(bareOf(to), { on: 'handled', id })
    }
  }

  #take(word: ChatWord, came: Came): void {
    const { peer } = word
    const answers = this.#list.answers(peer) || (this.#open.get(peer)?.holds.size ?? 0) > 0
    this.step(peer, { on: 'word', word, came, answers })
  }

  /** Nothing waits for the store, and of nothing that went out it is unknown whether it arrived. */
  get #isSettled(): boolean {
    if (this.#loading.size > 0) return false
    for (const { sending } of this.#open.values())
      for (const { state } of sending.values()) if (state !== 'queued') return false
    return true
  }

  #opened(jid: string): Room {
    const known = this.#open.get(jid)
    this.#open.delete(jid)
    const chat = known ?? newChat(jid, this.#world.context.account)
    this.#open.set(jid, chat)
    if (known) return known
    chat.suspended = this.#away || this.#catchUp.active
    believeArchive(chat, this.#catchUp.hasArchive)
    this.#loading.set(jid, { inputs: [], waiting: [] })
    perform([{ do: 'load' }], chat, this.#world.rooms)
    this.#letGo()
    return chat
  }

  /** Of those that nobody listens to the one to which nothing has happened for the longest time. */
  #letGo(): void {
    const idle = [...this.#open.values()].filter(
      ({ jid, holds, sending }) => holds.size === 0 && sending.size === 0 && !this.#loading.has(jid),
    )
    for (const { jid } of idle.slice(0, Math.max(0, this.#open.size - MOST_OPEN))) this.#open.delete(jid)
  }

  #perform(chat: Room, input: ChatInput): void {
    const { rooms, context } = this.#world
    const effects = stepChat(chat, input, context)
    perform(effects, chat, rooms)
    const { gaps, nextOrder: next } = chat.timeline
    if (chat.loaded && gaps !== this.#gaps.get(chat)) {
      this.#gaps.set(chat, gaps)
      rooms.commits.add({ put: 'room', row: { room: chat.jid, member: undefined, gaps, subject: chat.subject, next } })
    }
    this.#list.note(chat, effects)
    this.#awaitHandled(chat, effects)
    this.#catchUp.stepped()
  }

  /** A message that went out has its place as soon as our server says that it has it. */
  #awaitHandled({ jid, sending }: Room, effects: readonly Effect[]): void {
    const ids = effects.flatMap((effect) => (effect.do === 'send' ? (effect.stanza.attrs['id'] ?? []) : []))
    const ours = ids.filter((id) => sending.has(id))
    if (ours.length === 0) return
    const { rooms, managed, askHandled } = this.#world
    const handled = (answer: XmlNode | undefined): void => {
      if (answer) for (const id of ours) this.step(jid, { on: 'handled', id })
    }
    const ping = (): XmlNode => iq({ type: 'get', id: rooms.clock.newId() }, el('urn:xmpp:ping', 'ping'))
    rooms.commits.after(() => (managed() ? askHandled() : rooms.request(ping(), PING_MS, handled)))
  }
}

/** With somebody whom nobody here knows a chat begins with words. */
const saysSomething = ({ means }: ChatWord): boolean => means.kind === 'message' && !means.amends && !!means.body
