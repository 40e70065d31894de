import { NS_OCCUPANT_ID } from '../protocol/xep-0421-occupant-id.ts'
import type { Room } from './room.ts'

/** What identifies somebody, as far as the room shows it and can be believed. */
export function whoIs(
  room: Room,
  { nick, occupantId }: { nick: string | undefined; occupantId: string | undefined },
): { occupantId?: string; jid?: string } {
  const jid = nick === undefined ? undefined : room.roster.byNick.get(nick)?.jid
  const believed = room.features?.has(NS_OCCUPANT_ID) ? occupantId : undefined
  return { ...(believed !== undefined && { occupantId: believed }), ...(jid !== undefined && { jid }) }
}
