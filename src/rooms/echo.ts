import type { RoomMessage } from '../protocol/room-stanza.ts'
import { NS_CLIENT } from '../protocol/stanza.ts'
import { NS_OCCUPANT_ID } from '../protocol/xep-0421-occupant-id.ts'
import { childText } from '../protocol/xml.ts'
import type { Room, Sending } from './room.ts'

const STABLE_ID = 'http://jabber.org/protocol/muc#stable_id'

/** Ours, whichever device wrote it: by what identifies the account in the room, else by the nick. */
export function isOwn({ roster, features }: Room, { nick, occupantId }: RoomMessage): boolean {
  const ownId = features?.has(NS_OCCUPANT_ID) ? roster.byNick.get(roster.ownNick ?? '')?.occupantId : undefined
  if (ownId !== undefined && occupantId !== undefined) return ownId === occupantId
  return nick !== undefined && nick === roster.ownNick
}

export const originOf = ({
  originId,
  stanzaId,
}: {
  originId: string | undefined
  stanzaId: string | undefined
}): { originId?: string } => {
  const id = originId ?? stanzaId
  return id === undefined ? {} : { originId: id }
}

/** A message of ours that the room has spread. */
export interface Echo {
  readonly id: string
  readonly sending: Sending
}

/**
 * Our own message come back, and only under our own nick: known by its origin id, else by the id of the stanza, else by
 * its text. That only where nothing shows that the room keeps ids (gateways do not): the same words may come from
 * another device under our nick.
 */
export function takeEcho(room: Room, message: RoomMessage): Echo | undefined {
  if (message.nick === undefined || message.nick !== room.roster.ownNick) return undefined
  let id = [message.originId, message.stanzaId].find((each) => each !== undefined && room.sending.has(each))
  if (id !== undefined) room.keepsIds = true
  else if (message.originId === undefined && !room.keepsIds && !room.features?.has(STABLE_ID))
    id = [...room.sending].find(([, sending]) => isSameText(sending, message))?.[0]
  const sending = id === undefined ? undefined : room.sending.get(id)
  if (id === undefined || !sending) return undefined
  room.sending.delete(id)
  return { id, sending }
}

/** Gateways cut long messages, or send them line by line. */
const LONG = 400
function isSameText({ stanza, about }: Sending, message: RoomMessage): boolean {
  // As they went out: a gateway knows nothing of what stands in for something else.
  const sent = childText(stanza, NS_CLIENT, 'body')
  const came = childText(message.stanza, NS_CLIENT, 'body')
  if (about !== undefined || message.amends || !sent || !came) return false
  return came === sent || came === sent.split('\n', 1)[0] || (came.length >= LONG && sent.startsWith(came))
}
