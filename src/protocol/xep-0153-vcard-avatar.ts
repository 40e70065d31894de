// XEP-0153: vCard-Based Avatars, version 1.1.1; for rooms XEP-0486: MUC Avatars, version 0.1.0
// https://xmpp.org/extensions/xep-0153.html
import { child, el, textEl, textOf, type XmlNode } from './xml.ts'

const NS_VCARD_UPDATE = 'vcard-temp:x:update'
const HEX = /^[0-9a-f]{1,128}$/

/** The SHA-1 of the avatar in hexadecimal; `undefined` where there is none or the client is not ready to say. */
export function readAvatarHash(presence: XmlNode): string | undefined {
  const hash = readAvatarUpdate(presence)
  return hash !== undefined && HEX.test(hash) ? hash : undefined
}

/** The SHA-1 of the avatar; empty where there is none, `undefined` where nothing is said. */
export function readAvatarUpdate(presence: XmlNode): string | undefined {
  const x = child(presence, NS_VCARD_UPDATE, 'x')
  const photo = x && child(x, NS_VCARD_UPDATE, 'photo')
  return photo && textOf(photo).trim().toLowerCase()
}

/** What says in a presence which avatar the vCard has: empty for none (section 3.1). */
export function avatarUpdate(hash: string): XmlNode {
  return el(NS_VCARD_UPDATE, 'x', undefined, textEl(NS_VCARD_UPDATE, 'photo', hash))
}

/** A SHA-1 in hexadecimal, in lower case; `undefined` for what is none. */
export function readAvatarId(text: string): string | undefined {
  return /^[0-9a-f]{40}$/i.test(text) ? text.toLowerCase() : undefined
}
