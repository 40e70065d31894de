// XEP-0084: User Avatar, version 1.1.4
// https://xmpp.org/extensions/xep-0084.html
import { readAvatarId } from './xep-0153-vcard-avatar.ts'
import { child, childrenOf, childText, el, type XmlNode } from './xml.ts'

export const NS_AVATAR_METADATA = 'urn:xmpp:avatar:metadata'
export const NS_AVATAR_DATA = 'urn:xmpp:avatar:data'

/**
 * The SHA-1 of the avatar that is with the account itself (one at a web address would tell others who looks);
 * empty where there is none, `undefined` where the item says nothing of it.
 */
export function readAvatarMetadata(item: XmlNode): string | undefined {
  const metadata = child(item, NS_AVATAR_METADATA, 'metadata')
  const infos = metadata && childrenOf(metadata, NS_AVATAR_METADATA, 'info')
  const here = infos?.find(({ attrs }) => attrs['url'] === undefined && readAvatarId(attrs['id'] ?? ''))
  return infos && (readAvatarId(here?.attrs['id'] ?? '') ?? '')
}

/** The image, in base64. */
export function readAvatarData(item: XmlNode): string | undefined {
  return childText(item, NS_AVATAR_DATA, 'data')
}

export const avatarData = (base64: string): XmlNode => el(NS_AVATAR_DATA, 'data', undefined, base64)

/** Without an image: there is none any more (section 4.4). */
export function avatarMetadata(image?: { id: string; bytes: number; type: string }): XmlNode {
  return el(NS_AVATAR_METADATA, 'metadata', undefined, image && el(NS_AVATAR_METADATA, 'info', { ...image }))
}
