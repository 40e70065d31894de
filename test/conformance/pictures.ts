// Two small pictures, and the cards of old that hold them (XEP-0054), without any code of the SDK.
import { createHash } from 'node:crypto'
import { type Element, el, type RawClient } from '../support/raw-client.ts'

export const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
export const GIF = 'R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7'

export const hashOf = (base64: string): string => createHash('sha1').update(Buffer.from(base64, 'base64')).digest('hex')

const card = (base64: string): Element =>
  el('vCard', { xmlns: 'vcard-temp' }, el('PHOTO', {}, el('TYPE', {}, 'image/png'), el('BINVAL', {}, base64)))

export const setCard = (client: RawClient, base64: string, to?: string): Promise<Element> =>
  client.request(el('iq', { type: 'set', ...(to !== undefined && { to }) }, card(base64)))
