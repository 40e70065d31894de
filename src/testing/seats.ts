import { bareOf } from '../protocol/jid.ts'
import { type Affiliation, NS_MUC_USER, type Role } from '../protocol/xep-0045-muc.ts'
import { NS_OCCUPANT_ID } from '../protocol/xep-0421-occupant-id.ts'
import { el, textEl, type XmlNode } from '../protocol/xml.ts'
import { type Peer, stanzaEl } from './peer.ts'

/** An occupant, with one or more sessions of one account behind the nick. */
export interface Seat {
  readonly nick: string
  readonly peers: readonly Peer[]
  readonly role: Role
  readonly affiliation: Affiliation
  readonly occupantId: string
  /** What they show of themselves: the children of their presence. */
  readonly shown: readonly XmlNode[]
}

export interface PresenceWords {
  readonly type?: 'unavailable'
  readonly codes?: readonly number[]
  /** Codes for whose presence it is alone. */
  readonly ownCodes?: readonly number[]
  readonly newNick?: string
  readonly actor?: string
  readonly reason?: string | undefined
  /** Further XML inside of `muc#user`. */
  readonly inside?: readonly XmlNode[]
}

export const occupantIdEl = (id: string): XmlNode => el(NS_OCCUPANT_ID, 'occupant-id', { id })

/** A presence of the room as one of its occupants sees it (XEP-0045 sections 7.2, 9). */
export function presenceFor(
  viewer: { readonly peer: Peer; readonly seat: Seat },
  room: { readonly jid: string; readonly nonAnonymous: boolean },
  seat: Seat,
  words: PresenceWords = {},
): XmlNode {
  const { type, codes = [], ownCodes = [110], newNick, actor, reason, inside = [] } = words
  const own = seat.peers.includes(viewer.peer)
  const seesJid = own || room.nonAnonymous || viewer.seat.role === 'moderator'
  const role = type === 'unavailable' && newNick === undefined ? 'none' : seat.role
  const item = (peer: Peer | undefined): XmlNode =>
    el(
      NS_MUC_USER,
      'item',
      { affiliation: seat.affiliation, role, nick: newNick, jid: seesJid ? peer?.jid : undefined },
      actor !== undefined && el(NS_MUC_USER, 'actor', { nick: actor }),
      textEl(NS_MUC_USER, 'reason', reason),
    )
  const items = type === 'unavailable' ? [item(seat.peers[0])] : seat.peers.map(item)
  const statuses = [...codes, ...(own ? ownCodes : [])].map((code) => el(NS_MUC_USER, 'status', { code }))
  const user = el(NS_MUC_USER, 'x', {}, ...items, ...inside, ...statuses)
  return stanzaEl('presence', { from: `${room.jid}/${seat.nick}`, to: viewer.peer.jid, type }, [
    ...seat.shown,
    occupantIdEl(seat.occupantId),
    user,
  ])
}

/** Whoever has the nick, by account. */
export const accountOf = ({ peers: [first] }: Seat): string => bareOf(first?.jid ?? '')

/** The role that an affiliation brings (XEP-0045 section 5.1.2). */
export function firstRole(affiliation: Affiliation, moderated: boolean): Role {
  if (affiliation === 'owner' || affiliation === 'admin') return 'moderator'
  return moderated && affiliation === 'none' ? 'visitor' : 'participant'
}
