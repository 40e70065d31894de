import type { SharedMessage } from '../../../src/contract/api.ts'
import { ROOM, said } from './room-xml.ts'
import { stanza } from './xml.ts'

/** A message as the worker keeps it: `romeo` says `message 7` at place 7, and the room's archive has it as `a7`. */
export function sharedMessage(order: number, facts: Partial<SharedMessage> = {}): SharedMessage {
  const { room = ROOM, nick = 'romeo', body = `message ${order}`, id = `a${order}` } = facts
  return {
    id,
    room,
    nick,
    body,
    stampMs: order,
    own: false,
    state: 'delivered',
    reactions: [],
    mentionsMe: false,
    stanza: stanza(said(nick, body, { room, id: `i${order}`, archiveId: id })),
    order,
    archived: true,
    ...facts,
  }
}
