import type { DepartureKind, Occupant } from '../contract/model.ts'
import type { OccupantPresence } from '../protocol/room-stanza.ts'
import { type MucItem, STATUS } from '../protocol/xep-0045-muc.ts'
import { type RosterChange, sameOccupant } from './roster-diff.ts'

/**
 * Who is in a room. The one piece of room state that is changed in place: a copy of 10,000 occupants for each presence
 * would make a join quadratic. The occupants themselves never change.
 */
export interface Roster {
  readonly byNick: Map<string, Occupant>
  /** Ours, once the room has said so. */
  ownNick: string | undefined
  /** The parts of it that the store does not have yet. */
  readonly unsaved: Set<number>
  /** There are more than we take in: who comes beyond that is not shown. */
  crowded: boolean
}

/** So many occupants a room may have here, which is more than any has: beyond that it wants to exhaust our memory. */
export const MOST_OCCUPANTS = 50_000

/** A roster is stored in so many parts, by nick: a presence in a room of thousands must not cost a copy of all. */
export const PARTS = 16

/** What decides how far a presence is believed. */
export interface RosterView {
  /** Bare JID of the account. */
  readonly account: string
  /** The room lists XEP-0421, so its occupant ids are its own. */
  readonly occupantIds: boolean
}

export function emptyRoster(): Roster {
  // Of the room that was there before the store may have every part.
  const unsaved = new Set(Array.from({ length: PARTS }, (_, part) => part))
  return { byNick: new Map(), ownNick: undefined, unsaved, crowded: false }
}

/** The roster that the worker before has stored. */
export function rosterOf(occupants: readonly Occupant[]): Roster {
  const byNick = new Map(occupants.map((occupant) => [occupant.nick, occupant]))
  return { byNick, ownNick: occupants.find(({ own }) => own)?.nick, unsaved: new Set(), crowded: false }
}

/** The parts that are to be stored, each with whoever is in it; after this they count as stored. */
export function takeUnsaved({ byNick, unsaved }: Roster): Map<number, Occupant[]> {
  const parts = new Map<number, Occupant[]>()
  if (unsaved.size === 0) return parts
  for (const part of unsaved) parts.set(part, [])
  for (const occupant of byNick.values()) parts.get(partOf(occupant.nick))?.push(occupant)
  unsaved.clear()
  return parts
}

function partOf(nick: string): number {
  let sum = nick.length
  for (let at = 0; at < nick.length; at++) sum += nick.charCodeAt(at)
  return sum % PARTS
}

function put({ byNick, unsaved }: Roster, occupant: Occupant): void {
  byNick.set(occupant.nick, occupant)
  touch(unsaved, occupant.nick)
}

function drop({ byNick, unsaved }: Roster, nick: string): void {
  byNick.delete(nick)
  touch(unsaved, nick)
}

/** While a room of thousands is entered every part is to be saved anyway. */
function touch(unsaved: Set<number>, nick: string): void {
  if (unsaved.size < PARTS) unsaved.add(partOf(nick))
}

/** Takes a presence in. `undefined`: nothing that anybody can see has changed. */
export function applyPresence(roster: Roster, presence: OccupantPresence, view: RosterView): RosterChange | undefined {
  const { nick } = presence
  const before = roster.byNick.get(nick)
  const [item] = presence.muc.items
  if (!presence.available) {
    if (!before) return undefined
    if (presence.muc.codes.includes(STATUS.nickChanged) && item?.nick) return rename(roster, before, item.nick)
    drop(roster, nick)
    return {
      is: 'left',
      occupant: before,
      how: departureOf(presence.muc.codes),
      reason: item?.reason ?? presence.status,
      actor: item?.actor,
    }
  }
  const occupant = occupantOf(presence, item, before, roster, view)
  if (before && sameOccupant(before, occupant)) return undefined
  put(roster, occupant)
  return before ? { is: 'changed', occupant, before } : { is: 'joined', occupant }
}

/** Moves an occupant to another nick; one that was there under it (a second session of the same person) is merged. */
function rename(roster: Roster, before: Occupant, nick: string): RosterChange {
  const there = roster.byNick.get(nick)
  const own = before.own || there?.own === true
  const occupant: Occupant = { ...before, nick, own, ownAccount: own || before.ownAccount }
  drop(roster, before.nick)
  put(roster, occupant)
  if (before.own) roster.ownNick = nick
  return { is: 'renamed', occupant, from: before.nick }
}

/**
 * We go by another nick, and no 303 said so: another device of ours keeps the old one, and stays behind as somebody
 * of our account.
 */
export function moveOwn(roster: Roster, presence: OccupantPresence, view: RosterView): RosterChange[] {
  const before = roster.byNick.get(roster.ownNick ?? '')
  roster.ownNick = presence.nick
  const [item] = presence.muc.items
  const occupant = occupantOf(presence, item, roster.byNick.get(presence.nick), roster, view)
  put(roster, occupant)
  if (!before) return [{ is: 'joined', occupant }]
  const device: Occupant = { ...before, own: false, ownAccount: true }
  put(roster, device)
  return [
    { is: 'renamed', occupant, from: before.nick },
    { is: 'joined', occupant: device },
  ]
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

function occupantOf(
  presence: OccupantPresence,
  item: MucItem | undefined,
  before: Occupant | undefined,
  roster: Roster,
  view: RosterView,
): Occupant {
  const own = presence.nick === roster.ownNick
  const occupant: Mutable<Occupant> = {
    nick: presence.nick,
    role: item?.role ?? before?.role ?? 'none',
    affiliation: item?.affiliation ?? before?.affiliation ?? 'none',
    show: presence.show,
    hats: presence.hats,
    own,
    ownAccount: own || isAccount(presence.muc.items, view.account),
  }
  if (item?.jid !== undefined) occupant.jid = item.jid
  if (presence.status !== undefined) occupant.status = presence.status
  if (presence.avatarHash !== undefined) occupant.avatarHash = presence.avatarHash
  if (view.occupantIds && presence.occupantId !== undefined) {
    occupant.occupantId = presence.occupantId
    const self = roster.ownNick === undefined ? undefined : roster.byNick.get(roster.ownNick)
    if (self?.occupantId === presence.occupantId) occupant.ownAccount = true
  }
  return occupant
}

const isAccount = (items: readonly MucItem[], account: string): boolean =>
  items.some(({ jid }) => jid !== undefined && (jid === account || jid.startsWith(`${account}/`)))

/** The own nick is known: whoever has it is ours, and so is whoever shares the occupant id (another device). */
export function claimOwnNick(roster: Roster, nick: string): void {
  roster.ownNick = nick
  const ownId = roster.byNick.get(nick)?.occupantId
  for (const [key, occupant] of roster.byNick) {
    const own = key === nick
    const ownAccount = own || occupant.ownAccount || (ownId !== undefined && occupant.occupantId === ownId)
    if (own !== occupant.own || ownAccount !== occupant.ownAccount) put(roster, { ...occupant, own, ownAccount })
  }
}

/** The room does not have XEP-0421 after all: what looked like its ids were written by the occupants themselves. */
export function forgetOccupantIds(roster: Roster): void {
  for (const { occupantId, ...occupant } of roster.byNick.values()) if (occupantId !== undefined) put(roster, occupant)
}

/** How somebody went, from the status codes of their last presence (XEP-0045 section 15.6.2). */
export function departureOf(codes: readonly number[]): DepartureKind {
  if (codes.includes(STATUS.banned)) return 'banned'
  // 307 beside 333 is a technical removal, told to clients that do not know 333 (section 9.3.1, note).
  if (codes.includes(STATUS.kicked) && !codes.includes(STATUS.technical)) return 'kicked'
  if (codes.includes(STATUS.affiliationLost) || codes.includes(STATUS.membersOnly)) return 'not-a-member'
  if (codes.includes(STATUS.shutdown)) return 'shutdown'
  return 'left'
}
