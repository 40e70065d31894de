import type { RoomPost } from '../contract/room-questions.ts'
import { inviteMessage } from '../protocol/invites.ts'
import { answerVoiceRequest, requestVoiceMessage } from '../protocol/voice-request.ts'
import type { XmlNode } from '../protocol/xml.ts'

/** What a tab wants said to a room that is no message (XEP-0045 sections 7.8, 7.13, 8.6). */
export function postStanza(room: string, id: string, post: RoomPost): XmlNode {
  if (post.post === 'invite') return inviteMessage(room, id, post.jid, post.reason)
  if (post.post === 'request-voice') return requestVoiceMessage(room, id)
  return answerVoiceRequest(room, id, post.request, post.allow)
}
