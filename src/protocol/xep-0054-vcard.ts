// XEP-0054: vcard-temp, version 1.2
// https://xmpp.org/extensions/xep-0054.html
import { child, childText, el, textEl, type XmlNode } from './xml.ts'

export const NS_VCARD = 'vcard-temp'

/** Asks for a card (section 3.1). */
export const vcardQuery = (): XmlNode => el(NS_VCARD, 'vCard')

export const readVcard = (result: XmlNode): XmlNode | undefined => child(result, NS_VCARD, 'vCard')

/** The picture, in base64, where the card itself holds it. */
export function readPhoto(card: XmlNode): string | undefined {
  const photo = child(card, NS_VCARD, 'PHOTO')
  return photo && childText(photo, NS_VCARD, 'BINVAL')
}

/** The card with another picture, or with none. */
export function withPhoto(card: XmlNode, photo?: { readonly type: string; readonly base64: string }): XmlNode {
  const others = card.children.filter((each) => typeof each === 'string' || each.name !== 'PHOTO')
  const own =
    photo &&
    el(NS_VCARD, 'PHOTO', undefined, textEl(NS_VCARD, 'TYPE', photo.type), textEl(NS_VCARD, 'BINVAL', photo.base64))
  return { ...card, children: own ? [...others, own] : others }
}
