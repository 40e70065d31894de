import { resourceOf } from '../protocol/jid.ts'
import { NS_CLIENT } from '../protocol/stanza.ts'
import type { Affiliation, Role } from '../protocol/xep-0045-muc.ts'
import { childText, el, type XmlNode } from '../protocol/xml.ts'
import type { MemoryRoom, RoomHappening } from './memory-room.ts'
import type { MemoryServer } from './memory-server.ts'
import { stanzaEl } from './peer.ts'
import { type FakeOccupant, FakePerson, type Shown } from './people.ts'
import type { RoomSettings } from './room-config.ts'
import { affiliate, configure } from './room-requests.ts'
import { accountOf } from './seats.ts'

/** The domain of people who have no address of their own. */
const PEOPLE = 'people.example'

/** What was said in a room, as its archive has it. */
export interface Said {
  /** Its id in the archive (XEP-0359). */
  readonly id: string
  readonly nick: string
  readonly body: string
  readonly stampMs: number
}

export interface JoinWords extends Shown {
  /** Bare JID; one of its own for everybody who has none. */
  readonly jid?: string
  readonly affiliation?: Affiliation
  readonly password?: string
}

/** A room of the server, and everybody in it, in the hand of a test. */
export class FakeRoom {
  readonly jid: string
  readonly #room: () => MemoryRoom
  readonly #server: MemoryServer

  /** Made by `server.room()`. */
  constructor(jid: string, server: MemoryServer) {
    this.jid = jid
    this.#server = server
    this.#room = () => server.room(jid)
  }

  /** Who is in it, the accounts under test among them, in the order in which they came. */
  get nicks(): readonly string[] {
    return [...this.#room().seats.keys()]
  }

  get subject(): string {
    return this.#room().subject.text
  }

  /** What it has kept, oldest first. */
  get messages(): readonly Said[] {
    return this.#room().archive.all.flatMap(({ id, stampMs, stanza }) => {
      const body = childText(stanza, NS_CLIENT, 'body')
      const nick = resourceOf(stanza.attrs['from'] ?? '')
      return body === undefined || nick === undefined ? [] : [{ id, nick, body, stampMs }]
    })
  }

  /** Who comes, who goes, and what is said, by whomever. @returns no longer listens */
  listen(listener: (happening: RoomHappening) => void): () => void {
    const { watchers } = this.#room()
    watchers.add(listener)
    return () => watchers.delete(listener)
  }

  /** Somebody comes in. @throws Error where the room does not let them in, with its condition */
  join(nick: string, { jid, affiliation, ...words }: JoinWords = {}): FakeOccupant {
    const account = jid ?? this.#freeAccount(nick)
    if (affiliation) this.setAffiliation(account, affiliation)
    return new FakePerson(account, this.#server).join(this.jid, nick, words)
  }

  /**
   * What was said before anybody came; each a minute before the next one unless it says when.
   *
   * @returns their ids in the archive
   */
  addHistory(said: readonly { readonly nick: string; readonly body: string; readonly stampMs?: number }[]): string[] {
    const room = this.#room()
    const nowMs = this.#server.clock.nowMs()
    return said.map(({ nick, body, ...when }, i) => {
      const [id, ownId] = [this.#server.clock.newId(), this.#server.clock.newId()]
      const attrs = { from: `${this.jid}/${nick}`, type: 'groupchat', id: ownId }
      const { stampMs = nowMs - (said.length - i) * 60_000 } = when
      const stanza = stanzaEl('message', attrs, [el(NS_CLIENT, 'body', {}, body)])
      room.archive.add({ id, stampMs, stanza })
      return id
    })
  }

  /** Its archive does not have this message any more: whoever asks for what is behind it is told so. */
  loseMessage(id: string): void {
    this.#room().archive.lose(id)
  }

  setSubject(text: string, nick = this.nicks[0] ?? ''): void {
    this.#room().setSubject(text, nick)
  }

  /** Throws somebody out, as a moderator does. @throws Error where nobody has the nick */
  kick(nick: string, words: { readonly reason?: string; readonly actor?: string } = {}): void {
    this.#room().remove(this.#seat(nick, 'kick'), { codes: [307], ...words })
  }

  /** @throws Error where nobody has the nick */
  setRole(nick: string, role: Exclude<Role, 'none'>): void {
    this.#room().change(this.#seat(nick, 'setRole'), { role })
  }

  /** `outcast` bans; in a room for members `none` throws out. */
  setAffiliation(jid: string, affiliation: Affiliation): void {
    affiliate(this.#room(), jid, affiliation)
  }

  /** The nick is somebody's, also while they are away. */
  reserveNick(nick: string, jid: string): void {
    this.#room().reserved.set(jid, nick)
  }

  configure(settings: Partial<RoomSettings>): void {
    configure(this.#room(), { ...this.#room().settings, ...settings })
  }

  destroy(words: { readonly reason?: string; readonly alternate?: string } = {}): void {
    this.#room().destroy(words)
  }

  /** Asks an account in, in the name of one of the occupants (XEP-0045 section 7.8.2). */
  invite(jid: string, words: { readonly from?: string; readonly reason?: string } = {}): void {
    const { from = this.nicks[0] ?? 'somebody', reason } = words
    const ns = 'http://jabber.org/protocol/muc#user'
    const invite = el(
      ns,
      'invite',
      { from: `${this.jid}/${from}` },
      reason !== undefined && el(ns, 'reason', {}, reason),
    )
    this.#server.send(stanzaEl('message', { from: this.jid, to: jid }, [el(ns, 'x', {}, invite)]))
  }

  /**
   * Rules of a test's own, before those of the room: whatever comes is refused with the condition that is returned (RFC
   * 6120 section 8.3.3), and taken where there is none.
   */
  setRule(rule: (stanza: XmlNode) => string | undefined): void {
    this.#room().rule = rule
  }

  #seat(nick: string, what: string) {
    const seat = this.#room().seats.get(nick)
    if (!seat) throw new Error(`${what}: nobody is ${nick} in ${this.jid}`)
    return seat
  }

  #freeAccount(nick: string): string {
    const name = nick.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-')
    const taken = new Set([...this.#room().seats.values()].map(accountOf))
    let jid = `${name}@${PEOPLE}`
    for (let i = 2; taken.has(jid); i++) jid = `${name}-${i}@${PEOPLE}`
    return jid
  }
}
