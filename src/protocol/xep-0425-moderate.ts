// XEP-0425: Moderated Message Retraction, version 0.3.0
// https://xmpp.org/extensions/xep-0425.html
import type { Retraction } from './xep-0424-retract.ts'
import { child } from './xml.ts'

const VERSIONS = ['urn:xmpp:message-moderate:1', 'urn:xmpp:message-moderate:0']

/** Whether a retraction claims to be a moderator's. Only the room itself can say so (section 5). */
export function isModeration({ holder }: Retraction): boolean {
  return VERSIONS.some((ns) => child(holder, ns, 'moderated') !== undefined)
}
