// XEP-0382: Spoiler messages, version 0.3.0
// https://xmpp.org/extensions/xep-0382.html
import { childText, el, type XmlNode } from './xml.ts'

const NS_SPOILER = 'urn:xmpp:spoiler:0'

/** What is shown in place of the text until somebody wants to see it; empty where its sender gave no hint. */
export const readSpoiler = (message: XmlNode): string | undefined => childText(message, NS_SPOILER, 'spoiler')

export const spoiler = (hint: string): XmlNode => el(NS_SPOILER, 'spoiler', undefined, hint !== '' && hint)
