// XEP-0437: Room Activity Indicators, version 0.2.0
// https://xmpp.org/extensions/xep-0437.html
import { bareOf, domainOf } from './jid.ts'
import { presence } from './stanza.ts'
import { child, childrenOf, el, textOf, type XmlNode } from './xml.ts'

export const NS_RAI = 'urn:xmpp:rai:0'

/** Asks a service to say where something is said in rooms that we are not in (section 3.1). */
export const activityPresence = (service: string, id: string): XmlNode =>
  presence({ to: service, id }, el(NS_RAI, 'rai'))

/** The rooms of that service in which something was said, or `undefined` where the message does not say that. */
export function readActivity(message: XmlNode, service: string): string[] | undefined {
  const rai = child(message, NS_RAI, 'rai')
  if (!rai) return undefined
  const rooms = childrenOf(rai, NS_RAI, 'activity').map((activity) => textOf(activity).trim())
  return rooms.filter((room) => room !== service && bareOf(room) === room && domainOf(room) === service)
}
