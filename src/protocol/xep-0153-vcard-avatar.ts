// XEP-0153: vCard-Based Avatars, version 1.1.1
// https://xmpp.org/extensions/xep-0153.html
import { child, textOf, type XmlNode } from './xml.ts'

const NS_VCARD_UPDATE = 'vcard-temp:x:update'
const HEX = /^[0-9a-f]{1,128}$/

/** The SHA-1 of the avatar in hexadecimal; `undefined` where there is none or the client is not ready to say. */
export function readAvatarHash(presence: XmlNode): string | undefined {
  const x = child(presence, NS_VCARD_UPDATE, 'x')
  const photo = x && child(x, NS_VCARD_UPDATE, 'photo')
  const hash = photo && textOf(photo).trim().toLowerCase()
  return hash !== undefined && HEX.test(hash) ? hash : undefined
}
