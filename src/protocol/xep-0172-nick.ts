// XEP-0172: User Nickname, version 1.1
// https://xmpp.org/extensions/xep-0172.html
import { childText, el, type XmlNode } from './xml.ts'

export const NS_NICK = 'http://jabber.org/protocol/nick'

/** In characters: what others call themselves is as long as they like. */
const LONGEST = 200

/** What somebody calls themselves, in an item or a stanza; empty for nothing, `undefined` where that is not said. */
export function readNick(parent: XmlNode): string | undefined {
  return childText(parent, NS_NICK, 'nick')?.trim().slice(0, LONGEST)
}

export const nickEl = (nick: string): XmlNode => el(NS_NICK, 'nick', undefined, nick)
