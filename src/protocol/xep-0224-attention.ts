// XEP-0224: Attention, version 1.0
// https://xmpp.org/extensions/xep-0224.html
import { child, el, type XmlNode } from './xml.ts'

const NS_ATTENTION = 'urn:xmpp:attention:0'

export const wantsAttention = (message: XmlNode): boolean => child(message, NS_ATTENTION, 'attention') !== undefined

export const attention = (): XmlNode => el(NS_ATTENTION, 'attention')
