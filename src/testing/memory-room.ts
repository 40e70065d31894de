import type { Clock } from '../broker/ports.ts'
import { bareOf, normalResource, resourceOf } from '../protocol/jid.ts'
import { NS_CLIENT } from '../protocol/stanza.ts'
import { type Affiliation, NS_MUC, NS_MUC_USER, STATUS } from '../protocol/xep-0045-muc.ts'
import { readDateTime } from '../protocol/xep-0082-datetime.ts'
import { NS_SID } from '../protocol/xep-0359-stanza-id.ts'
import { NS_OCCUPANT_ID } from '../protocol/xep-0421-occupant-id.ts'
import { child, childText, el, elementsOf, textEl, type XmlNode } from '../protocol/xml.ts'
import { isKept, MessageArchive, stanzaIdEl } from './message-archive.ts'
import { answerTo, type Peer, type Refusal, readdressed, refused, stanzaEl } from './peer.ts'
import { FIRST_SETTINGS, type RoomSettings } from './room-config.ts'
import { takePost } from './room-posts.ts'
import { answerRoomRequest } from './room-requests.ts'
import { accountOf, firstRole, occupantIdEl, type PresenceWords, presenceFor, type Seat } from './seats.ts'

const HISTORY = 20

/** What happens in a room, for whoever looks on without being in it. */
export type RoomHappening =
  | { readonly kind: 'joined' | 'left'; readonly nick: string }
  | { readonly kind: 'message'; readonly nick: string; readonly body: string; readonly id: string | undefined }

export interface RoomWorld {
  readonly clock: Clock
  /** To an account that need not be in the room: an invitation, say. */
  readonly route: (stanza: XmlNode) => void
  /** The last one has left a room that does not last, or it was destroyed. */
  readonly ended: (room: MemoryRoom) => void
}

/** A room in memory, that answers as Prosody 0.12 does (XEP-0045). */
export class MemoryRoom {
  readonly jid: string
  readonly world: RoomWorld
  readonly archive: MessageArchive
  readonly seats = new Map<string, Seat>()
  /** By bare JID; who is not in it has none. */
  readonly affiliations = new Map<string, Affiliation>()
  /** By bare JID: the nick that is kept for them. */
  readonly reserved = new Map<string, string>()
  readonly watchers = new Set<(happening: RoomHappening) => void>()
  settings: RoomSettings = { ...FIRST_SETTINGS }
  subject: { readonly text: string; readonly nick?: string } = { text: '' }
  /** Somebody has been in it, or it was made beforehand. */
  exists = false
  /** Why nobody comes in any more: it was destroyed. */
  gone: Refusal | undefined
  /** Refuses whatever comes with this, where it gives a condition: a test's own rules go before the room's. */
  rule: (stanza: XmlNode) => string | undefined = () => undefined

  constructor(jid: string, world: RoomWorld) {
    this.jid = jid
    this.world = world
    this.archive = new MessageArchive(jid)
  }

  seatOf(peer: Peer): Seat | undefined {
    for (const seat of this.seats.values()) if (seat.peers.includes(peer)) return seat
    return undefined
  }

  affiliationOf(account: string): Affiliation {
    return this.affiliations.get(account) ?? 'none'
  }

  /** A stanza that somebody sends to the room, or to one of its occupants. */
  take(stanza: XmlNode, peer: Peer): void {
    const nick = resourceOf(stanza.attrs['to'] ?? '')
    const { type } = stanza.attrs
    const condition = type === 'error' || type === 'result' ? undefined : this.rule(stanza)
    if (condition !== undefined) this.refuse(stanza, peer, refused(condition))
    else if (stanza.name === 'iq') answerRoomRequest(this, stanza, peer)
    else if (stanza.name === 'message') this.#message(stanza, nick, peer)
    else if (nick !== undefined) this.#presence(stanza, nick, peer)
  }

  refuse(stanza: XmlNode, peer: Peer, why: Refusal): void {
    if (stanza.attrs['type'] !== 'error') answerTo(stanza, peer, why)
  }

  /** A session is over: whoever it was is gone. */
  forget(peer: Peer, status = 'Disconnected'): void {
    const seat = this.seatOf(peer)
    if (seat) this.#part(seat, peer, [el(NS_CLIENT, 'status', {}, status)], [STATUS.technical])
  }

  /** A presence of an occupant, to all of them. */
  show(seat: Seat, words: PresenceWords = {}): void {
    for (const viewer of [...this.seats.values()]) this.#showTo(viewer, seat, words)
  }

  /** What they are from now on, told to all. */
  change(seat: Seat, now: Partial<Seat>, words: PresenceWords = {}): void {
    const changed = { ...seat, ...now }
    this.seats.set(seat.nick, changed)
    this.show(changed, words)
  }

  /** They go, of their own will or not: others first, then they themselves. */
  remove(seat: Seat, words: PresenceWords = {}, shown: readonly XmlNode[] = []): void {
    this.seats.delete(seat.nick)
    const going = { ...seat, shown }
    const gone = { type: 'unavailable', ...words } as const
    for (const viewer of [...this.seats.values()]) this.#showTo(viewer, going, gone)
    this.#showTo(seat, going, gone)
    this.#happened({ kind: 'left', nick: seat.nick })
    if (this.seats.size === 0 && !this.settings.persistent) this.world.ended(this)
  }

  /** To every session in the room. */
  tell(children: readonly XmlNode[], attrs: Readonly<Record<string, string>> = {}): void {
    for (const { peers } of this.seats.values())
      for (const { jid, deliver } of peers)
        deliver(stanzaEl('message', { from: this.jid, to: jid, type: 'groupchat', ...attrs }, children))
  }

  /** The room says it, and its archive keeps it. */
  announce(children: readonly XmlNode[]): void {
    this.#spread(stanzaEl('message', { from: this.jid, type: 'groupchat', id: this.world.clock.newId() }, children))
  }

  setSubject(text: string, nick: string): void {
    this.subject = { text, nick }
    this.tell([el(NS_CLIENT, 'subject', {}, text)], { from: `${this.jid}/${nick}` })
  }

  #showTo(viewer: Seat, seat: Seat, words: PresenceWords): void {
    const room = { jid: this.jid, nonAnonymous: this.settings.nonAnonymous }
    for (const peer of viewer.peers) peer.deliver(presenceFor({ peer, seat: viewer }, room, seat, words))
  }

  #presence(stanza: XmlNode, written: string, peer: Peer): void {
    const seat = this.seatOf(peer)
    const { type } = stanza.attrs
    if (type === 'unavailable') {
      if (seat) this.#part(seat, peer, shownBy(stanza))
    } else if (type === undefined) {
      const nick = normalResource(written)
      const entrance = child(stanza, NS_MUC, 'x')
      const why = nick === undefined ? refused('jid-malformed') : this.#refusal(nick, peer, entrance, seat)
      if (nick === undefined || why) this.refuse(stanza, peer, why ?? refused('jid-malformed'))
      else if (!seat) this.#enter(nick, stanza, peer)
      else if (seat.nick !== nick) this.#rename(seat, nick, stanza)
      else if (entrance) this.#enter(nick, stanza, peer)
      else this.change(seat, { shown: shownBy(stanza) })
    }
  }

  /** Why somebody may not be there under that nick (section 7.2). */
  #refusal(nick: string, peer: Peer, entrance: XmlNode | undefined, seat: Seat | undefined): Refusal | undefined {
    const account = bareOf(peer.jid)
    const affiliation = this.affiliationOf(account)
    const there = this.seats.get(nick)
    const keptFor = [...this.reserved].find(([, each]) => each === nick)?.[0]
    const taken = (there && accountOf(there) !== account) || (keptFor !== undefined && keptFor !== account)
    if (seat) return taken ? refused('conflict') : undefined
    if (this.gone) return this.gone
    if (!entrance) return refused('item-not-found')
    if (affiliation === 'outcast') return refused('forbidden')
    if (this.settings.membersOnly && affiliation === 'none' && this.exists) return refused('registration-required')
    const { password } = this.settings
    if (password !== '' && password !== childText(entrance, NS_MUC, 'password') && affiliation !== 'owner')
      return refused('not-authorized')
    return taken ? refused('conflict') : undefined
  }

  #enter(nick: string, stanza: XmlNode, peer: Peer): void {
    const account = bareOf(peer.jid)
    const created = !this.exists
    this.exists = true
    if (created) this.affiliations.set(account, 'owner')
    const there = this.seats.get(nick)
    const affiliation = this.affiliationOf(account)
    const seat: Seat = {
      nick,
      peers: [...(there?.peers ?? []).filter((each) => each !== peer), peer],
      affiliation,
      role: there?.role ?? firstRole(affiliation, this.settings.moderated),
      occupantId: there?.occupantId ?? `of-${account}`,
      shown: shownBy(stanza),
    }
    for (const other of this.seats.values()) if (other.nick !== nick) this.#showOne(other, { peer, seat })
    this.seats.set(nick, seat)
    const codes = [...(created ? [201] : []), ...(this.settings.nonAnonymous ? [100] : [])]
    for (const viewer of [...this.seats.values()])
      for (const each of viewer.peers) this.#showOne(seat, { peer: each, seat: viewer }, each === peer ? { codes } : {})
    this.#tellPast(stanza, peer)
    if (!there) this.#happened({ kind: 'joined', nick })
  }

  #happened(happening: RoomHappening): void {
    for (const watcher of [...this.watchers]) watcher(happening)
  }

  #showOne(seat: Seat, viewer: { readonly peer: Peer; readonly seat: Seat }, words: PresenceWords = {}): void {
    const room = { jid: this.jid, nonAnonymous: this.settings.nonAnonymous }
    viewer.peer.deliver(presenceFor(viewer, room, seat, words))
  }

  /** What was said before, and the subject, which ends the entrance (sections 7.2.13, 7.2.15). */
  #tellPast(stanza: XmlNode, { jid, deliver }: Peer): void {
    const entrance = child(stanza, NS_MUC, 'x')
    const wish = entrance && child(entrance, NS_MUC, 'history')
    const { maxstanzas, maxchars, since, seconds } = wish?.attrs ?? {}
    const most = maxchars === '0' ? 0 : Math.min(Number(maxstanzas ?? HISTORY), 1_000)
    const fromMs = readDateTime(since ?? '') ?? (seconds ? this.world.clock.nowMs() - Number(seconds) * 1_000 : 0)
    const recent = this.archive.all.filter(
      ({ stampMs, stanza }) => stampMs >= fromMs && childText(stanza, NS_CLIENT, 'body') !== undefined,
    )
    for (const each of most === 0 ? [] : recent.slice(-most)) deliver(this.archive.shown(each, jid))
    const { text, nick } = this.subject
    const from = nick === undefined ? this.jid : `${this.jid}/${nick}`
    const subject = el(NS_CLIENT, 'subject', {}, ...(text === '' ? [] : [text]))
    deliver(stanzaEl('message', { from, to: jid, type: 'groupchat' }, [subject]))
  }

  #rename(seat: Seat, nick: string, stanza: XmlNode): void {
    this.show(seat, { type: 'unavailable', newNick: nick, codes: [303] })
    this.seats.delete(seat.nick)
    const renamed = { ...seat, nick, shown: shownBy(stanza) }
    this.seats.set(nick, renamed)
    this.show(renamed)
  }

  /** One session goes; where there are others behind the nick, the room sees nobody go. */
  #part(seat: Seat, peer: Peer, shown: readonly XmlNode[], codes: readonly number[] = []): void {
    const others = seat.peers.filter((each) => each !== peer)
    if (others.length === 0) return this.remove(seat, { codes }, shown)
    this.#showOne({ ...seat, shown }, { peer, seat }, { type: 'unavailable' })
    this.change(seat, { peers: others })
  }

  #message(stanza: XmlNode, nick: string | undefined, peer: Peer): void {
    const { type } = stanza.attrs
    if (type === 'error') return
    const seat = this.seatOf(peer)
    if (nick === undefined && type !== 'groupchat' && takePost(this, stanza, peer)) return
    if (!seat) {
      const text = 'You are not currently connected to this chat'
      return this.refuse(stanza, peer, refused('not-acceptable', { text }))
    }
    if (nick !== undefined) this.#whisper(seat, nick, stanza, peer)
    else if (type !== 'groupchat') this.refuse(stanza, peer, refused('bad-request'))
    else this.#groupchat(seat, stanza, peer)
  }

  #groupchat(seat: Seat, stanza: XmlNode, peer: Peer): void {
    const subject = childText(stanza, NS_CLIENT, 'subject')
    const isSubject = subject !== undefined && childText(stanza, NS_CLIENT, 'body') === undefined
    const mayChange = seat.role === 'moderator' || (seat.role === 'participant' && this.settings.anybodyChangesSubject)
    if (seat.role === 'visitor' || (isSubject && !mayChange)) this.refuse(stanza, peer, refused('forbidden'))
    else if (isSubject) this.setSubject(subject, seat.nick)
    else {
      const { id } = stanza.attrs
      const honest = elementsOf(stanza).filter(
        ({ ns, name, attrs }) =>
          ns !== NS_OCCUPANT_ID && !(ns === NS_SID && name === 'stanza-id' && attrs['by'] === this.jid),
      )
      const from = `${this.jid}/${seat.nick}`
      this.#spread(stanzaEl('message', { from, type: 'groupchat', id }, [...honest, occupantIdEl(seat.occupantId)]))
    }
  }

  /** To everybody, the sender among them, and into the archive where it is something to keep. */
  #spread(message: XmlNode): void {
    const { clock } = this.world
    const id = isKept(message) ? clock.newId() : undefined
    if (id !== undefined) this.archive.add({ id, stampMs: clock.nowMs(), stanza: message })
    const children = id === undefined ? message.children : [...message.children, stanzaIdEl(this.jid, id)]
    for (const { peers } of [...this.seats.values()])
      for (const each of peers) each.deliver(readdressed(message, { to: each.jid }, children))
    const [nick, body] = [resourceOf(message.attrs['from'] ?? ''), childText(message, NS_CLIENT, 'body')]
    if (nick !== undefined && body !== undefined) this.#happened({ kind: 'message', nick, body, id })
  }

  #whisper(seat: Seat, nick: string, stanza: XmlNode, peer: Peer): void {
    const other = this.seats.get(nick)
    if (!other) return this.refuse(stanza, peer, refused('item-not-found'))
    const from = `${this.jid}/${seat.nick}`
    const children = [...stanza.children, occupantIdEl(seat.occupantId)]
    for (const each of other.peers) each.deliver(readdressed(stanza, { from, to: each.jid }, children))
  }

  /** The room is no more (section 10.9). */
  destroy(words: { readonly reason?: string | undefined; readonly alternate?: string | undefined } = {}): void {
    const { reason, alternate } = words
    const destroyed = el(NS_MUC_USER, 'destroy', { jid: alternate }, textEl(NS_MUC_USER, 'reason', reason))
    for (const seat of [...this.seats.values()]) {
      this.seats.delete(seat.nick)
      this.#showTo(seat, { ...seat, shown: [] }, { type: 'unavailable', inside: [destroyed] })
    }
    const address = alternate === undefined ? undefined : `xmpp:${alternate}?join`
    const why = { ...(address !== undefined && { address }), ...(reason !== undefined && { text: reason }) }
    this.gone = refused('gone', why)
    this.world.ended(this)
  }
}

/** What a presence shows, without what is between its sender and the room. */
const shownBy = (stanza: XmlNode): readonly XmlNode[] =>
  elementsOf(stanza).filter(({ ns }) => ns !== NS_MUC && ns !== NS_MUC_USER)
