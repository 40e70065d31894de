// XEP-0184: Message Delivery Receipts, version 1.4.0
// https://xmpp.org/extensions/xep-0184.html
import { message } from './stanza.ts'
import { child, el, type XmlNode } from './xml.ts'

export const NS_RECEIPTS = 'urn:xmpp:receipts'

/** Whether its sender wants to know that it has arrived. */
export const wantsReceipt = (message: XmlNode): boolean => child(message, NS_RECEIPTS, 'request') !== undefined

export const receiptRequest = (): XmlNode => el(NS_RECEIPTS, 'request')

/** The id, as its sender chose it, of the message that has arrived. */
export function readReceipt(message: XmlNode): string | undefined {
  return child(message, NS_RECEIPTS, 'received')?.attrs['id'] || undefined
}

export function receipt(to: string, id: string, received: string): XmlNode {
  return message({ to, id, type: 'chat' }, el(NS_RECEIPTS, 'received', { id: received }))
}
