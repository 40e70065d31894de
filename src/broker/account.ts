import { FIRST_PRESENCE, type PresenceInput, type PresenceState, stepPresence } from '../account/presence.ts'
import type { TabEvent } from '../contract/api.ts'
import type { LogLevel, OwnPresence } from '../contract/model.ts'
import { declineMessage, type Invite, mayWait, readDeclined, readInvite } from '../protocol/invites.ts'
import { bareOf, resourceOf } from '../protocol/jid.ts'
import { presenceWords } from '../protocol/room-presence.ts'
import { readPrivateMessage } from '../protocol/room-stanza.ts'
import { type Envelope, presence } from '../protocol/stanza.ts'
import { type Carbon, enableCarbons, readCarbon } from '../protocol/xep-0280-carbons.ts'
import type { XmlNode } from '../protocol/xml.ts'
import type { Input } from '../rooms/inputs.ts'
import type { TabId } from '../rooms/room.ts'
import { AccountBookmarks, type SuppressedRooms } from './account-bookmarks.ts'
import { Blocking } from './blocking.ts'
import { Displayed } from './displayed.ts'
import type { Clock } from './ports.ts'

export interface AccountWorld {
  /** The own bare JID. */
  readonly ownJid: () => string
  readonly clock: Clock
  readonly caps: XmlNode | undefined
  readonly online: () => boolean
  readonly send: (stanza: XmlNode) => void
  readonly request: (stanza: XmlNode, ms: number, onAnswer: (answer: XmlNode | undefined) => void) => void
  readonly announce: (event: TabEvent) => void
  /** @returns whether that tab is there */
  readonly tellTab: (tab: TabId, event: TabEvent) => boolean
  readonly stepRoom: (room: string, input: Input) => void
  /** To every room that there is. */
  readonly stepRooms: (input: Input) => void
  readonly isIn: (room: string) => boolean
  readonly suppressed: SuppressedRooms
  readonly log: (level: LogLevel, text: string) => void
}

const REQUEST_MS = 20_000

/** What the account has beside its rooms: its presence, its bookmarks, and the invitations that wait for a word. */
export class Account {
  readonly #world: AccountWorld
  readonly bookmarks: AccountBookmarks
  readonly displayed: Displayed
  readonly blocking: Blocking
  readonly #invites = new Map<string, Invite>()
  /** One was not shown. */
  #crowded = false
  /** By room and bare JID: whose tab asked them in. */
  readonly #inviters = new Map<string, TabId>()
  #presence: PresenceState = FIRST_PRESENCE
  readonly #more = new Map<string, XmlNode>()
  /** The presence changed while nothing could be sent. */
  #unsent = false

  constructor(world: AccountWorld) {
    this.#world = world
    const ask = (request: XmlNode): Promise<XmlNode | undefined> =>
      new Promise((resolve) => world.request(request, REQUEST_MS, resolve))
    const newId = (): string => world.clock.newId()
    const { clock, send, online, isIn, log } = world
    this.bookmarks = new AccountBookmarks({ ...world, ask, newId })
    const happened = (room: string, id: string): void => world.stepRoom(room, { on: 'displayed', id })
    this.blocking = new Blocking({ ownJid: world.ownJid, ask, newId, log })
    this.displayed = new Displayed({ ask, newId, clock, send, online, isIn, happened, log })
  }

  get presence(): OwnPresence {
    return this.#presence.effective
  }

  get invites(): readonly Invite[] {
    return [...this.#invites.values()]
  }

  /** A session has begun. @param hasCarbons they are on by the sign-in already */
  online(hasCarbons: boolean): void {
    this.#sendPresence()
    if (!hasCarbons) this.#world.send(enableCarbons(this.#world.clock.newId()))
    this.blocking.online()
    this.bookmarks.online('new')
    void this.displayed.online('new')
  }

  /** The session goes on: only what could not be said meanwhile is to be said. */
  resumed(restored: boolean): void {
    if (restored) {
      this.blocking.online()
      this.bookmarks.online('restored')
    }
    void this.displayed.online('resumed')
    if (!this.#unsent) return
    this.#sendPresence()
    this.#world.stepRooms({ on: 'presence' })
  }

  /** A message or presence that is of no room. @returns whether it meant something */
  stanza(envelope: Envelope, stanza: XmlNode): boolean {
    if (envelope.kind !== 'message') return false
    const { from } = envelope
    // From the account itself in so many words (XEP-0280 section 11).
    const carbon = from === this.#world.ownJid() ? readCarbon(stanza) : undefined
    if (carbon) return this.#copied(carbon)
    // Events of the account's own nodes come from the account itself, or from nobody named: from others they are forged.
    if (from === undefined || from === this.#world.ownJid())
      return this.bookmarks.event(stanza) || this.displayed.event(stanza)
    return this.#invited(stanza) || this.#declined(from, stanza)
  }

  /** A copy of what another device has sent or got. Of rooms each device gets its own: only what is for one alone counts. */
  #copied({ direction, message }: Carbon): boolean {
    const { isIn, stepRoom, ownJid } = this.#world
    const { type, from = '', to = '' } = message.attrs
    if (type === 'groupchat' || type === 'error') return false
    const address = direction === 'sent' ? to : from
    const [room, nick] = [bareOf(address), resourceOf(address)]
    if (isIn(room)) {
      const whisper = nick === undefined ? undefined : readPrivateMessage(message, nick, room)
      if (whisper && direction === 'sent') stepRoom(room, { on: 'device-whispered', message: whisper })
      else if (whisper) stepRoom(room, { on: 'stanza', stanza: whisper })
      return whisper !== undefined
    }
    // Who invites us is somebody else.
    if (direction === 'sent' || room === ownJid()) return false
    return this.#invited(message) || this.#declined(from, message)
  }

  /** @returns the presence that the account shows then */
  showPresence(input: PresenceInput): OwnPresence {
    const [next, changed] = stepPresence(this.#presence, input)
    this.#presence = next
    if (changed) {
      this.#world.announce({ kind: 'presence', presence: next.effective })
      if (this.#world.online()) {
        this.#sendPresence()
        this.#world.stepRooms({ on: 'presence' })
      } else this.#unsent = true
    }
    return next.effective
  }

  /** What some part adds to each presence; what was not yet said of it nobody misses who is told with the next. */
  present(part: string, words: XmlNode | undefined): void {
    if (JSON.stringify(this.#more.get(part)) === JSON.stringify(words)) return
    if (words) this.#more.set(part, words)
    else this.#more.delete(part)
    if (!this.#world.online()) return
    this.#sendPresence()
    this.#world.stepRooms({ on: 'presence' })
  }

  get more(): readonly XmlNode[] {
    return [...this.#more.values()]
  }

  /** The account came to be in a room: an invitation to it is answered by that. @returns the password it held */
  entering(room: string): string | undefined {
    return this.#invites.get(room)?.password
  }

  closeInvite(room: string): void {
    if (!this.#invites.delete(room)) return
    this.#crowded = false
    this.#world.announce({ kind: 'invite-closed', room })
  }

  declineInvite(room: string, reason: string | undefined): void {
    const invite = this.#invites.get(room)
    if (!invite) return
    if (invite.mediated && invite.from !== undefined) {
      this.#world.send(declineMessage(room, this.#world.clock.newId(), invite.from, reason))
    }
    this.closeInvite(room)
  }

  /** A tab asks somebody in. */
  inviting(room: string, jid: string, tab: TabId): void {
    this.#inviters.set(`${room}\n${jid}`, tab)
  }

  #sendPresence(): void {
    this.#unsent = false
    const { caps } = this.#world
    this.#world.send(presence({}, ...presenceWords({ presence: this.presence, caps, more: this.more })))
  }

  /** Offered once, by whichever way it came, and not at all where we are in the room (XEP-0249 section 4). */
  #invited(stanza: XmlNode): boolean {
    const invite = readInvite(stanza)
    if (!invite) return false
    if (invite.from !== undefined && this.blocking.has(invite.from)) return true
    if (this.#world.isIn(invite.room) || this.#invites.has(invite.room)) return true
    if (!mayWait(invite, this.invites)) {
      if (!this.#crowded) this.#world.log('info', 'invitations: too many wait for a word; further ones are not shown')
      this.#crowded = true
      return true
    }
    this.#invites.set(invite.room, invite)
    this.#world.announce({ kind: 'invite', invite })
    return true
  }

  /** The tab that asked them in is told; where it is gone, or unknown, all are. */
  #declined(room: string, stanza: XmlNode): boolean {
    const declined = readDeclined(stanza)
    if (!declined || bareOf(room) !== room) return false
    const event = { kind: 'invite-declined', room, ...declined } as const
    const key = `${room}\n${bareOf(declined.from)}`
    const inviter = this.#inviters.get(key)
    this.#inviters.delete(key)
    if (inviter === undefined || !this.#world.tellTab(inviter, event)) this.#world.announce(event)
    return true
  }
}
