import type { RoomNotice } from '../protocol/room-stanza.ts'
import { STATUS } from '../protocol/xep-0045-muc.ts'
import { type Effect, tellAll } from './effects.ts'
import { resync } from './resync.ts'
import type { Room } from './room.ts'

/** From here to there the room says how it is configured, and who may see what (section 15.6.2). */
const CONFIG_CODES: readonly number[] = [102, 103, 104, 170, 171, 172, 173, 174]
const WHO_SEES_JIDS: readonly number[] = [172, 173, 174]

/** The room itself says something: of its configuration, or of somebody who is not there. */
export function noticeArrived(room: Room, { muc }: RoomNotice, out: Effect[]): void {
  const codes = muc.codes.filter((code) => CONFIG_CODES.includes(code))
  if (codes.length > 0) {
    if (codes.some((code) => WHO_SEES_JIDS.includes(code))) {
      const others = room.codes.filter((code) => code !== STATUS.nonAnonymous)
      room.codes = codes.includes(172) ? [...others, STATUS.nonAnonymous] : others
    }
    tellAll(room, { kind: 'config', room: room.jid, codes, ...(room.config && { config: room.config }) }, out)
    if (codes.includes(104)) out.push({ do: 'disco' })
    if (codes.some((code) => WHO_SEES_JIDS.includes(code))) resync(room)
  }
  for (const { jid, affiliation, reason, actor } of muc.items) {
    if (jid === undefined) continue
    const facts = { ...(reason && { reason }), ...(actor && { actor }) }
    tellAll(room, { kind: 'affiliation-changed', room: room.jid, jid, affiliation, ...facts }, out)
  }
}
