// XEP-0045: Multi-User Chat, version 1.35.5, sections 7.13 and 8.6
// https://xmpp.org/extensions/xep-0045.html
import { message } from './stanza.ts'
import { formValue, readForm, submitForm } from './xep-0004-forms.ts'
import type { XmlNode } from './xml.ts'

const FORM_TYPE = 'http://jabber.org/protocol/muc#request'

/** A visitor wants to speak, and we may decide. */
export interface VoiceRequest {
  readonly nick: string
  readonly jid?: string
  readonly role: string
}

/** A visitor's request to the room. */
export function requestVoiceMessage(room: string, id: string): XmlNode {
  return message({ to: room, id }, submitForm(FORM_TYPE, { 'muc#role': 'participant' }))
}

/** What the room asks its moderators. */
export function readVoiceRequest(stanza: XmlNode): VoiceRequest | undefined {
  const form = readForm(stanza)
  if (formValue(form, 'FORM_TYPE') !== FORM_TYPE || form?.type !== 'form') return undefined
  const nick = formValue(form, 'muc#roomnick')
  if (!nick) return undefined
  const jid = formValue(form, 'muc#jid')
  return { nick, ...(jid && { jid }), role: formValue(form, 'muc#role') ?? 'participant' }
}

/** A moderator's decision. */
export function answerVoiceRequest(
  room: string,
  id: string,
  { nick, jid, role }: VoiceRequest,
  allow: boolean,
): XmlNode {
  const person = { 'muc#role': role, ...(jid && { 'muc#jid': jid }), 'muc#roomnick': nick }
  return message({ to: room, id }, submitForm(FORM_TYPE, { ...person, 'muc#request_allow': allow ? 'true' : 'false' }))
}
