import type { UnreadTabEvent } from '../contract/unread.ts'
import { bareOf, domainOf } from '../protocol/jid.ts'
import { isOwnArrival, readRoomStanza } from '../protocol/room-stanza.ts'
import type { XmlNode } from '../protocol/xml.ts'
import type { Input } from '../rooms/inputs.ts'
import { type Context, isHeld, newRoom, type Room, type TabId } from '../rooms/room.ts'
import { takeUnsaved } from '../rooms/roster.ts'
import { step } from '../rooms/step.ts'
import type { Left } from '../storage/store.ts'
import { perform, type RoomWorld } from './room-effects.ts'
import { pastOf } from './room-reading.ts'
import type { TabLink } from './tab-link.ts'

/** The account's rooms: each by its bare JID, and only while somebody wants it or something is under way. */
export class Rooms {
  readonly #rooms = new Map<string, Room>()
  /**
   * Where the account has asked to come in since the worker began, and whether the room has ended since: only there can it
   * be without anybody's wish.
   */
  readonly #asked = new Map<string, boolean>()
  /** The nicks that every tab knows of. */
  readonly #nicks = new Map<string, string>()
  readonly #world: RoomWorld
  readonly #context: Context
  readonly #onEntered: (roomJid: string) => void

  constructor(world: RoomWorld, context: Context, onEntered: (roomJid: string) => void) {
    this.#world = world
    this.#context = context
    this.#onEntered = onEntered
  }

  get all(): readonly Room[] {
    return [...this.#rooms.values()]
  }

  get(roomJid: string): Room | undefined {
    return this.#rooms.get(roomJid)
  }

  step(roomJid: string, input: Input): void {
    let room = this.#rooms.get(roomJid)
    if (!room) {
      room = newRoom(roomJid)
      room.ended = this.#asked.get(roomJid) ?? false
      this.#rooms.set(roomJid, room)
    }
    const before = room.occupancy.at
    perform(step(room, input, this.#context), room, this.#world)
    if (room.occupancy.at !== 'out' || room.ended) this.#asked.set(roomJid, room.ended)
    if (room.occupancy.at === 'in' && before !== 'in') this.#onEntered(roomJid)
    if (room.occupancy.at !== 'joining') this.#tellNick(room)
    if (room.occupancy.at === 'out' && !isHeld(room)) this.#rooms.delete(roomJid)
  }

  /** Tabs that are not in the room know only from us under which nick the account is. */
  #tellNick({ jid, occupancy, roster }: Room): void {
    const before = this.#nicks.get(jid)
    if (occupancy.at === 'out') this.#nicks.delete(jid)
    if (occupancy.at !== 'in' || roster.ownNick === undefined || roster.ownNick === before) return
    const { commits, tabs } = this.#world
    const nick = roster.ownNick
    this.#nicks.set(jid, nick)
    if (before === undefined) return
    commits.after(() => tabs.announce({ kind: 'membership', room: jid, change: 'renamed', nick, by: 'room' }))
  }

  stepAll(input: Input): void {
    for (const roomJid of this.#rooms.keys()) this.step(roomJid, input)
  }

  /**
   * A presence or message, if a room sent it. A room that nobody holds any more may still say that we are in it: then we
   * are to leave. A stranger who says so is no room, and must not learn by our answer that we are there.
   *
   * @returns whether it meant something
   */
  stanza(from: string | undefined, stanza: XmlNode): boolean {
    const roomJid = from && bareOf(from)
    if (!roomJid) return false
    if (!this.#rooms.has(roomJid) && !(this.#asked.has(roomJid) && isOwnArrival(stanza))) return false
    const meaning = readRoomStanza(stanza, roomJid)
    if (meaning) this.step(roomJid, { on: 'stanza', stanza: meaning })
    return meaning !== undefined
  }

  /** What the presences taken in so far made of the rooms, as far as the store does not have it. */
  saveOccupants(): void {
    for (const { jid, roster, occupancy } of this.#rooms.values()) {
      if (occupancy.at !== 'in') continue
      for (const [part, occupants] of takeUnsaved(roster))
        this.#world.commits.add({ put: 'occupants', row: { room: jid, part, occupants } })
    }
  }

  /** The rooms that the worker before was in, as it left them. */
  async inherit({ rooms }: Left): Promise<void> {
    const { store } = this.#world
    const pasts = rooms.map(async ({ row, occupants }) => {
      const { room, member, gaps, subject, next } = row
      const past = { ...(await pastOf(room, store)), gaps, subject, next }
      return { room, input: member && ({ on: 'inherited', past, membership: member, occupants } as const) }
    })
    for (const { room, input } of await Promise.all(pasts)) if (input) this.#world.happened(room, input)
  }

  /** The rooms where something has not been seen. */
  get unread(): UnreadTabEvent[] {
    return this.all.flatMap(({ jid, unread: { count, mentions } }) =>
      count > 0 ? [{ kind: 'unread', room: jid, unread: count, mentions }] : [],
    )
  }

  tabGone(tab: TabId): void {
    for (const [roomJid, room] of this.#rooms) if (room.holds.has(tab)) this.step(roomJid, { on: 'tab-gone', tab })
  }

  /** A tab that had fallen behind is shown its rooms as they are, with all that it was not told. */
  showAgain(link: TabLink): void {
    const { archive } = this.#world.store
    for (const roomJid of this.#rooms.keys()) {
      const order = link.told(roomJid)
      const after = order === undefined ? undefined : { order, archive }
      this.step(roomJid, { on: 'tab-back', tab: link.id, after })
    }
  }

  /** Under which nick the account is in a room, where that tab is in it, too. */
  nickIn(roomJid: string, tab: TabId): string | undefined {
    const room = this.#rooms.get(roomJid)
    return room?.holds.get(tab)?.state === 'in' ? room.roster.ownNick : undefined
  }

  isIn(roomJid: string): boolean {
    return this.#rooms.get(roomJid)?.occupancy.at === 'in'
  }

  /** Of a service where we are in some room every address may be another room. */
  mayBe(bareJid: string): boolean {
    return [...this.#rooms.keys()].some((room) => domainOf(room) === domainOf(bareJid))
  }

  get memberships(): { room: string; nick: string }[] {
    const joined = this.all.filter(({ occupancy }) => occupancy.at === 'in' || occupancy.at === 'interrupted')
    return joined.map((room) => ({ room: room.jid, nick: room.roster.ownNick ?? '' }))
  }
}
