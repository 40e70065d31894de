import type { OccupantPresence } from '../protocol/room-stanza.ts'
import { destroyRequest } from '../protocol/xep-0045-admin.ts'
import { leavePresence, STATUS } from '../protocol/xep-0045-muc.ts'
import type { Effect } from './effects.ts'
import { beginJoining } from './entering.ts'
import { interrupted } from './removal.ts'
import type { Context, Room } from './room.ts'

/** The room has let us in, and nobody holds it (any more). */
export function turnBack(room: Room, { nick, muc }: OccupantPresence, context: Context, out: Effect[]): void {
  const id = context.newId()
  // It had ended, and what we had on our way there has made it anew. Some stay when all are out.
  const unwanted = room.ended && muc.codes.includes(STATUS.created)
  out.push({ do: 'send', stanza: unwanted ? destroyRequest(room.jid, id) : leavePresence(`${room.jid}/${nick}`, id) })
}

/**
 * The room in which we seemed to be was not there any more, and a presence of ours has made another one: nobody is in it,
 * and nobody has configured it. Its answer is that of a join which ends an interruption.
 */
export function beginAnew(room: Room, context: Context, out: Effect[]): void {
  interrupted(room, 'technical', out)
  beginJoining(room, context, out)
}
