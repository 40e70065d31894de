import type { RoomTabEvent, TabEvent } from '../contract/api.ts'
import { MinimixError } from '../contract/errors.ts'
import type { AccountStatus, ChatSummary, OwnPresence } from '../contract/model.ts'
import { NOTIFICATIONS } from '../contract/notifications.ts'
import { ROOM_ACTIVITY } from '../contract/room-activity.ts'
import type { UnreadTabEvent } from '../contract/unread.ts'
import type { Invite } from '../protocol/invites.ts'
import { PersonMessages } from './chat.ts'
import { bareJid } from './check.ts'
import { Emitter, type Listener, type OnOptions } from './emitter.ts'
import type { AccountEvents } from './events.ts'
import { given } from './given.ts'
import type { Link } from './link.ts'
import { PluginEars } from './plugin-handle.ts'
import { Room } from './room.ts'
import type { RoomState } from './room-state.ts'
import { toMessage } from './room-view.ts'
import type { Uploads } from './uploads.ts'

/** What an account is in this tab: its state, read at any time without `await`, its rooms, and its events. */
export class AccountState {
  /** Bare JID. */
  readonly jid: string
  protected readonly tab = crypto.randomUUID()
  readonly #rooms = new Map<string, Room>()
  readonly #persons = new Map<string, PersonMessages>()
  readonly #chats = new Map<string, ChatSummary>()
  readonly #memberships = new Map<string, { readonly nick: string }>()
  readonly #invites = new Map<string, Invite>()
  readonly #unread = new Map<string, UnreadTabEvent>()
  readonly #activeRooms = new Set<string>()
  readonly #changed = new Set<RoomState>()
  readonly #emitter = new Emitter<AccountEvents>()
  protected readonly pluginEars = new PluginEars()
  #status: AccountStatus = 'connecting'
  #presence: OwnPresence = { show: 'online' }

  constructor(jid: string) {
    this.jid = jid
  }

  get status(): AccountStatus {
    return this.#status
  }

  /** The rooms that this tab has asked for, by bare JID. */
  get rooms(): ReadonlyMap<string, Room> {
    return this.#rooms
  }

  /** The known conversations with one person each, by bare JID, also those not asked for here. */
  get chats(): ReadonlyMap<string, ChatSummary> {
    return this.#chats
  }

  /** The rooms that the account is in, whichever tab or device asked. */
  get memberships(): ReadonlyMap<string, { readonly nick: string }> {
    return this.#memberships
  }

  /** The invitations that wait for an answer, by room. */
  get invites(): ReadonlyMap<string, Invite> {
    return this.#invites
  }

  /** By room: how many messages nobody has seen, and how many of them mention us; also of rooms not asked for here. */
  get unread(): ReadonlyMap<string, { readonly unread: number; readonly mentions: number }> {
    return this.#unread
  }

  /** The bookmarked rooms that the account is not in, in which something was said, as far as their services tell (XEP-0437). */
  get activeRooms(): ReadonlySet<string> {
    return this.#activeRooms
  }

  /** What the account shows of itself, to all rooms and from all tabs. */
  get presence(): OwnPresence {
    return this.#presence
  }

  /** @returns takes the listener off again */
  on<N extends keyof AccountEvents>(name: N, listener: Listener<AccountEvents[N]>, options?: OnOptions): () => void {
    return this.#emitter.on(name, listener, options)
  }

  protected roomOf(jid: string, link: Link, uploads: Uploads): Room {
    const bare = bareJid(jid, 'room(jid)')
    const known = this.#rooms.get(bare)
    if (known) return known
    const room = new Room(bare, this.tab, link, uploads)
    this.#rooms.set(bare, room)
    const unread = this.#unread.get(bare)
    if (unread) room.take(unread)
    return room
  }

  protected chatOf(jid: string, link: Link, uploads: Uploads): PersonMessages {
    const bare = bareJid(jid, 'chat(jid)')
    const known = this.#persons.get(bare)
    if (known) return known
    const chat = new PersonMessages(bare, this.tab, link, uploads)
    this.#persons.set(bare, chat)
    const unread = this.#unread.get(bare)
    if (unread) chat.take(unread)
    this.#listenTo(chat)
    return chat
  }

  /** There is a worker that does not know what this tab wants to hear. */
  protected listenAgain(): void {
    for (const chat of this.#persons.values()) this.#listenTo(chat)
  }

  #listenTo(chat: PersonMessages): void {
    chat.listen().catch((error: unknown) => {
      // One that is gone is followed by another, for which it is done again.
      if (error instanceof MinimixError && error.code !== 'worker-gone') this.emit('error', error)
    })
  }

  protected emit<N extends keyof AccountEvents>(name: N, event: AccountEvents[N]): void {
    this.#emitter.emit(name, event)
  }

  /** Events of the worker, in their order; whoever subscribed to a room hears of it once for all of them. */
  protected take(events: readonly TabEvent[]): void {
    for (const event of events) this.#takeOne(event)
    for (const room of this.#changed) room.settle()
    this.#changed.clear()
  }

  protected setStatus(status: AccountStatus, error?: MinimixError): void {
    if (status === this.#status && !error) return
    this.#status = status
    this.emit('status', given({ status, error }))
  }

  /** The worker died: what it knew is kept until the next one has it. */
  protected workerGone(): void {
    this.setStatus('interrupted')
    for (const room of [...this.#rooms.values(), ...this.#persons.values()]) {
      room.workerGone()
      room.settle()
    }
  }

  /** The one that was given is wrong by now, and this tab is the one to ask for another. */
  protected passwordWanted(): void {}

  #takeOne(event: TabEvent): void {
    switch (event.kind) {
      case 'status':
        return this.setStatus(event.status, event.error && new MinimixError(event.error))
      case 'memberships':
        return this.#refillMemberships(event.rooms)
      case 'membership': {
        const { room, change, nick } = event
        if (change === 'joined' || change === 'renamed') this.#memberships.set(room, { nick })
        else this.#memberships.delete(room)
        if (change === 'renamed') return
        if (change === 'joined') this.#activeRooms.delete(room)
        const by = typeof event.by === 'string' ? event.by : event.by.tab === this.tab ? 'this-tab' : 'other-tab'
        return this.emit('membership', { room, change, by })
      }
      case 'chats':
        for (const { newest, ...counts } of event.chats) {
          const chat = { ...counts, ...(newest && { newest: toMessage(newest, false, this.tab) }) }
          this.#chats.set(chat.jid, chat)
          this.emit('chat', chat)
        }
        return
      case 'presence':
        this.#presence = event.presence
        return this.emit('presence', event.presence)
      case 'invite':
        if (this.#invites.has(event.invite.room)) return
        this.#invites.set(event.invite.room, event.invite)
        return this.emit('invite', event.invite)
      case 'invite-closed':
        if (this.#invites.delete(event.room)) this.emit('invite-closed', { room: event.room })
        return
      case 'invite-declined': {
        const { kind: _kind, ...declined } = event
        return this.emit('invite-declined', declined)
      }
      case 'bookmark':
        if (!event.bookmark) this.#activeRooms.delete(event.room)
        return this.emit('bookmark', given({ room: event.room, bookmark: event.bookmark }))
      case 'unread': {
        const { kind: _kind, ...counts } = event
        this.#unread.set(event.room, event)
        this.#takeRoomEvent(event)
        return this.emit('unread', counts)
      }
      case 'notify': {
        const { message, reason } = event
        return this.emit('notify', { room: message.room, message: toMessage(message, false, this.tab), reason })
      }
      case 'password-wanted':
        return this.passwordWanted()
      case 'plugin':
        // Parts of the worker that are the SDK's own tell what every app can listen to; their events have these types.
        if (event.plugin === NOTIFICATIONS) this.emit('notifications', event.detail as AccountEvents['notifications'])
        if (event.plugin === ROOM_ACTIVITY) this.#tookPlace(event.detail as AccountEvents['activity'])
        return this.pluginEars.hear(event.plugin, event.name, event.detail)
      case 'stanza':
        return this.emit('stanza', { stanza: event.stanza, handled: event.handled })
      case 'error':
        return this.emit('error', new MinimixError(event.error))
      default:
        return this.#takeRoomEvent(event)
    }
  }

  #tookPlace(activity: AccountEvents['activity']): void {
    if (this.#activeRooms.has(activity.room)) return
    this.#activeRooms.add(activity.room)
    this.emit('activity', activity)
  }

  #takeRoomEvent(event: RoomTabEvent | UnreadTabEvent): void {
    const jid = 'message' in event ? event.message.room : event.room
    const room = this.#persons.get(jid) ?? this.#rooms.get(jid)
    if (!room) return
    room.take(event)
    this.#changed.add(room)
  }

  /** All of them at once, when this tab attaches: what changed since an earlier worker was there is told. */
  #refillMemberships(rooms: readonly { readonly room: string; readonly nick: string }[]): void {
    const before = new Set(this.#memberships.keys())
    this.#memberships.clear()
    for (const { room, nick } of rooms) this.#memberships.set(room, { nick })
    for (const { room } of rooms) {
      if (!before.delete(room)) this.emit('membership', { room, change: 'joined', by: 'room' })
    }
    for (const room of before) this.emit('membership', { room, change: 'left', by: 'room' })
  }
}
