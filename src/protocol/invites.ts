// XEP-0045 section 7.8 (mediated) and XEP-0249: Direct MUC Invitations, version 1.2
// https://xmpp.org/extensions/xep-0249.html
import { bareOf, parseJid } from './jid.ts'
import { message, readEnvelope } from './stanza.ts'
import { NS_MUC_USER } from './xep-0045-muc.ts'
import { child, childText, el, textEl, type XmlNode } from './xml.ts'

const NS_DIRECT = 'jabber:x:conference'

export interface Invite {
  /** Bare JID of the room. */
  readonly room: string
  /** Who invites, as far as the room says: a bare or full JID, or an occupant's address. */
  readonly from?: string
  readonly reason?: string
  readonly password?: string
  /** Through the room, which is told of a refusal; a direct one has nobody to tell. */
  readonly mediated: boolean
}

/**
 * The invitation in a message. A mediated one is believed from the room alone; servers put a direct one beside it for
 * old clients, which is the same invitation.
 */
export function readInvite(stanza: XmlNode): Invite | undefined {
  const envelope = readEnvelope(stanza)
  const from = envelope?.from
  // A server that refuses an invitation of ours sends it back: that invites nobody.
  if (from === undefined || envelope?.type === 'error') return undefined
  const user = child(stanza, NS_MUC_USER, 'x')
  const invite = user && child(user, NS_MUC_USER, 'invite')
  if (user && invite) {
    if (bareOf(from) !== from) return undefined
    const reason = childText(invite, NS_MUC_USER, 'reason')
    const password = childText(user, NS_MUC_USER, 'password')
    const inviter = invite.attrs['from']
    return {
      room: from,
      ...(inviter && { from: inviter }),
      ...(reason && { reason }),
      ...(password && { password }),
      mediated: true,
    }
  }
  const direct = child(stanza, NS_DIRECT, 'x')
  // Anybody may have written it: in whatever spelling, it is one room.
  const room = parseJid(direct?.attrs['jid'] ?? '')
  if (!direct || room?.local === undefined || room.resource !== undefined) return undefined
  const { reason, password } = direct.attrs
  return {
    room: room.bare,
    from: bareOf(from),
    ...(reason && { reason }),
    ...(password && { password }),
    mediated: false,
  }
}

/** Anybody can invite, as often as they like: so many may wait for a word, from one and from all. */
const MOST_OF_ONE = 10
const MOST = 100

/** Whether there is room for one more beside those that wait. */
export function mayWait(invite: Invite, waiting: readonly Invite[]): boolean {
  const inviter = ({ from, room }: Invite): string => bareOf(from ?? room)
  const ofSame = waiting.filter((each) => inviter(each) === inviter(invite))
  return waiting.length < MOST && ofSame.length < MOST_OF_ONE
}

/** Somebody refuses an invitation of ours (section 7.8.2). */
export interface Declined {
  readonly from: string
  readonly reason?: string
}

export function readDeclined(stanza: XmlNode): Declined | undefined {
  const user = child(stanza, NS_MUC_USER, 'x')
  const decline = user && child(user, NS_MUC_USER, 'decline')
  const from = decline?.attrs['from']
  if (!decline || !from) return undefined
  const reason = childText(decline, NS_MUC_USER, 'reason')
  return { from, ...(reason && { reason }) }
}

/** Asks a room to invite somebody. */
export function inviteMessage(room: string, id: string, jid: string, reason?: string): XmlNode {
  const invite = el(NS_MUC_USER, 'invite', { to: jid }, textEl(NS_MUC_USER, 'reason', reason))
  return message({ to: room, id }, el(NS_MUC_USER, 'x', undefined, invite))
}

/** Tells the inviter, through the room, that we do not come. */
export function declineMessage(room: string, id: string, inviter: string, reason?: string): XmlNode {
  const decline = el(NS_MUC_USER, 'decline', { to: inviter }, textEl(NS_MUC_USER, 'reason', reason))
  return message({ to: room, id }, el(NS_MUC_USER, 'x', undefined, decline))
}
