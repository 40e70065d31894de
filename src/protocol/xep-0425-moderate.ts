// XEP-0425: Moderated Message Retraction, version 0.3.0
// https://xmpp.org/extensions/xep-0425.html
import { iq } from './stanza.ts'
import { NS_FASTEN, NS_RETRACT, NS_RETRACT_0, type Retraction, readTombstone } from './xep-0424-retract.ts'
import { child, el, textEl, type XmlNode } from './xml.ts'

const NS_MODERATE = 'urn:xmpp:message-moderate:1'
const NS_MODERATE_0 = 'urn:xmpp:message-moderate:0'
const VERSIONS = [NS_MODERATE, NS_MODERATE_0]

/** Whether a retraction claims to be a moderator's. Only the room itself can say so (section 5). */
export function isModeration({ holder }: Retraction): boolean {
  return VERSIONS.some((ns) => child(holder, ns, 'moderated') !== undefined)
}

/** What became of a message that an archive has no words of any more. */
export function readFate(message: XmlNode): 'retracted' | 'moderated' | undefined {
  // Version 0 puts its own mark around that of the retraction.
  const around = child(message, NS_MODERATE_0, 'moderated')
  const tombstone = readTombstone(around ?? message)
  if (!tombstone) return undefined
  return around || isModeration({ id: '', holder: tombstone }) ? 'moderated' : 'retracted'
}

/** Asks a room to take somebody's message away, in the words that it knows; `undefined` where it knows none. */
export function moderationRequest(
  roomJid: string,
  id: string,
  moderated: { readonly id: string; readonly reason: string | undefined },
  features: ReadonlySet<string> | undefined,
): XmlNode | undefined {
  const version = VERSIONS.find((ns) => features?.has(ns))
  if (version === undefined) return undefined
  const isFirst = version === NS_MODERATE_0
  const retract = el(isFirst ? NS_RETRACT_0 : NS_RETRACT, 'retract')
  const reason = textEl(version, 'reason', moderated.reason)
  const moderate = el(version, 'moderate', isFirst ? undefined : { id: moderated.id }, retract, reason)
  const what = isFirst ? el(NS_FASTEN, 'apply-to', { id: moderated.id }, moderate) : moderate
  return iq({ type: 'set', to: roomJid, id }, what)
}
