import { bareOf, parseJid, resourceOf } from '../protocol/jid.ts'
import { NS_CLIENT } from '../protocol/stanza.ts'
import { readStanzaError } from '../protocol/stanza-error.ts'
import { NS_MUC, NS_MUC_USER, readMucUser, STATUS } from '../protocol/xep-0045-muc.ts'
import { NS_DELAY } from '../protocol/xep-0203-delay.ts'
import { originId, readStanzaId } from '../protocol/xep-0359-stanza-id.ts'
import { child, childText, el, textEl, type XmlNode } from '../protocol/xml.ts'
import type { HomeSession } from './account-home.ts'
import type { MemoryServer } from './memory-server.ts'
import { stanzaEl } from './peer.ts'

const NS_CHAT_STATES = 'http://jabber.org/protocol/chatstates'
/** Of what somebody hears, so much is remembered. */
const MOST_HEARD = 1_000

/** What somebody in a room hears there. */
export type Heard =
  | { readonly kind: 'message'; readonly nick: string; readonly body: string; readonly id: string | undefined }
  | { readonly kind: 'private-message'; readonly nick: string; readonly body: string }
  | { readonly kind: 'joined' | 'left'; readonly nick: string }
  | { readonly kind: 'subject'; readonly nick: string | undefined; readonly text: string }

/** What somebody shows of themselves. */
export interface Shown {
  readonly show?: 'away' | 'chat' | 'dnd' | 'xa'
  readonly status?: string
}

/** Somebody else, with an account and one session of their own, in the hand of a test. */
export class FakePerson {
  /** Bare JID. */
  readonly jid: string
  readonly #server: MemoryServer
  readonly #session: HomeSession
  readonly #heard: XmlNode[] = []
  readonly #listeners = new Set<(stanza: XmlNode) => void>()

  /** Made by `server.person()`. */
  constructor(jid: string, server: MemoryServer) {
    this.jid = jid
    this.#server = server
    this.#session = server.enter({ jid: `${jid}/${server.clock.newId()}`, deliver: (stanza) => this.#hear(stanza) })
    this.send(stanzaEl('presence', {}))
  }

  /** Everything that reached them, oldest first: the last thousand. */
  get heard(): readonly XmlNode[] {
    return this.#heard
  }

  /** Anything, as XML: what the other methods do not do. */
  send(stanza: XmlNode): void {
    this.#server.take(stanza, this.#session)
  }

  /** A message to an account. */
  message(to: string, body: string, ...children: readonly XmlNode[]): void {
    const id = this.#server.clock.newId()
    this.send(
      stanzaEl('message', { to, type: 'chat', id }, [el(NS_CLIENT, 'body', {}, body), originId(id), ...children]),
    )
  }

  /** Asks an account into a room, past the room (XEP-0249). */
  invite(to: string, room: string, reason?: string): void {
    this.send(stanzaEl('message', { to }, [el('jabber:x:conference', 'x', { jid: room, reason })]))
  }

  /** @returns no longer listens */
  listen(listener: (stanza: XmlNode) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Comes into a room. @throws Error where the room does not let them in, with its condition */
  join(room: string, nick: string, words: Shown & { readonly password?: string } = {}): FakeOccupant {
    return new FakeOccupant(this, room, nick, words, () => this.#server.room(room).seatOf(this.#session)?.nick)
  }

  /** Their session ends: they are gone from everywhere. */
  leave(): void {
    this.#server.leave(this.#session)
  }

  /** An id for a stanza of theirs. */
  newId(): string {
    return this.#server.clock.newId()
  }

  #hear(stanza: XmlNode): void {
    this.#heard.push(stanza)
    if (this.#heard.length > MOST_HEARD) this.#heard.shift()
    for (const listener of [...this.#listeners]) listener(stanza)
  }
}

/** Somebody in a room, in the hand of a test. */
export class FakeOccupant {
  readonly person: FakePerson
  /** Bare JID. */
  readonly room: string
  readonly #nick: () => string | undefined
  #last: string
  readonly #heard: Heard[] = []
  readonly #listeners = new Set<(heard: Heard) => void>()
  readonly #others = new Set<string>()
  readonly #deaf: () => void
  #shown: Shown
  #error: string | undefined
  #isIn = false

  /** Made by `room.join()`. */
  constructor(
    person: FakePerson,
    room: string,
    nick: string,
    { password, ...shown }: Shown & { readonly password?: string },
    nickNow: () => string | undefined,
  ) {
    if (parseJid(`${room}/${nick}`) === undefined) throw new TypeError(`join(${room}, ${nick}): that is no nick`)
    this.person = person
    this.room = room
    this.#nick = nickNow
    this.#last = nick
    this.#shown = shown
    this.#deaf = person.listen((stanza) => this.#hear(stanza))
    const entrance = el(NS_MUC, 'x', {}, textEl(NS_MUC, 'password', password))
    this.#send('presence', nick, {}, [...shownAs(shown), entrance])
    if (this.#error !== undefined) {
      this.#deaf()
      throw new Error(`${nick} may not join ${room}: ${this.#error}`)
    }
    this.#isIn = true
  }

  /** The one that they have now, or had when they went. */
  get nick(): string {
    this.#last = this.#nick() ?? this.#last
    return this.#last
  }

  /** Whether they are in the room. */
  get isIn(): boolean {
    return this.#nick() !== undefined
  }

  /** What they heard since they came in, oldest first: the last thousand. */
  get heard(): readonly Heard[] {
    return this.#heard
  }

  /** @returns no longer listens */
  listen(listener: (heard: Heard) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Says something to everybody. @returns the message's id in the room's archive. @throws Error where they may not */
  say(body: string, ...children: readonly XmlNode[]): string {
    return this.post(el(NS_CLIENT, 'body', {}, body), ...children)
  }

  /** A groupchat message of whatever children. @returns its id in the archive, or its own where it is not kept */
  post(...children: readonly XmlNode[]): string {
    const id = this.person.newId()
    let own: XmlNode | undefined
    const stop = this.person.listen((stanza) => {
      if (stanza.name === 'message' && stanza.attrs['id'] === id) own = stanza
    })
    this.#do(() => this.#send('message', undefined, { type: 'groupchat', id }, [...children, originId(id)]), 'say')
    stop()
    return (own && readStanzaId(own, this.room)) ?? id
  }

  /** To one of the others alone. */
  whisper(nick: string, body: string): void {
    const id = this.person.newId()
    const children = [el(NS_CLIENT, 'body', {}, body), el(NS_MUC_USER, 'x')]
    this.#do(() => this.#send('message', nick, { type: 'chat', id }, children), `whisper to ${nick}`)
  }

  /** Others see that they write, or have stopped. */
  setTyping(typing: boolean): void {
    this.#send('message', undefined, { type: 'groupchat' }, [el(NS_CHAT_STATES, typing ? 'composing' : 'active')])
  }

  /** @throws Error where somebody has the nick */
  setNick(nick: string): void {
    this.#do(() => this.#send('presence', nick, {}, shownAs(this.#shown)), `be ${nick}`)
  }

  show(shown: Shown): void {
    this.#shown = shown
    this.#send('presence', this.nick, {}, shownAs(shown))
  }

  /** @throws Error where they may not */
  setSubject(text: string): void {
    const subject = el(NS_CLIENT, 'subject', {}, text)
    this.#do(() => this.#send('message', undefined, { type: 'groupchat' }, [subject]), 'set the subject')
  }

  leave(status?: string): void {
    if (!this.isIn) return
    this.#send('presence', this.nick, { type: 'unavailable' }, shownAs({ ...(status !== undefined && { status }) }))
  }

  #send(
    name: 'message' | 'presence',
    nick: string | undefined,
    attrs: Readonly<Record<string, string>>,
    children: readonly XmlNode[],
  ): void {
    const to = nick === undefined ? this.room : `${this.room}/${nick}`
    this.person.send(stanzaEl(name, { to, ...attrs }, children))
  }

  #do(run: () => void, what: string): void {
    if (!this.isIn) throw new Error(`${this.nick} is not in ${this.room}`)
    this.#error = undefined
    run()
    if (this.#error !== undefined) throw new Error(`${this.nick} may not ${what} in ${this.room}: ${this.#error}`)
  }

  #hear(stanza: XmlNode): void {
    const { from = '', type, id } = stanza.attrs
    if (bareOf(from) !== this.room) return
    if (type === 'error') {
      this.#error = readStanzaError(stanza).condition
      return
    }
    const nick = resourceOf(from)
    const heard = stanza.name === 'presence' ? this.#seen(stanza, nick) : heardIn(stanza, nick, id, this.room)
    // What is told at the entrance was there before.
    if (!heard || !this.#isIn) return
    this.#heard.push(heard)
    if (this.#heard.length > MOST_HEARD) this.#heard.shift()
    for (const listener of [...this.#listeners]) listener(heard)
  }

  /** Who comes and goes; another show or nick is neither. */
  #seen(stanza: XmlNode, nick: string | undefined): Heard | undefined {
    const user = readMucUser(stanza)
    if (nick === undefined || !user) return undefined
    const own = user.codes.includes(STATUS.self)
    if (stanza.attrs['type'] === 'unavailable') {
      const renamed = user.codes.includes(STATUS.nickChanged)
      this.#others.delete(nick)
      if (renamed) this.#others.add(user.items[0]?.nick ?? '')
      else if (own) this.#deaf()
      return renamed ? undefined : { kind: 'left', nick }
    }
    if (own || this.#others.has(nick)) return undefined
    this.#others.add(nick)
    return { kind: 'joined', nick }
  }
}

function heardIn(stanza: XmlNode, nick: string | undefined, id: string | undefined, room: string): Heard | undefined {
  const body = childText(stanza, NS_CLIENT, 'body')
  const subject = childText(stanza, NS_CLIENT, 'subject')
  if (child(stanza, NS_DELAY, 'delay')) return undefined
  if (body !== undefined && nick !== undefined)
    return stanza.attrs['type'] === 'groupchat'
      ? { kind: 'message', nick, body, id: readStanzaId(stanza, room) ?? id }
      : { kind: 'private-message', nick, body }
  return subject === undefined ? undefined : { kind: 'subject', nick, text: subject }
}

const shownAs = ({ show, status }: Shown): readonly XmlNode[] =>
  [textEl(NS_CLIENT, 'show', show), textEl(NS_CLIENT, 'status', status)].filter((each) => each !== undefined)
