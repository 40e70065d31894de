// XEP-0444: Message Reactions, version 0.2.0
// https://xmpp.org/extensions/xep-0444.html
import { isEmoji } from './emoji.ts'
import { child, childrenOf, el, textEl, textOf, type XmlNode } from './xml.ts'

const NS_REACTIONS = 'urn:xmpp:reactions:0'
/** Of one person to one message. */
export const MOST_REACTIONS = 20

/** All that somebody feels about a message, in place of what they felt before; nothing takes it back. */
export interface Reactions {
  /** In a group chat the id that the room gave the message (section 4.2). */
  readonly id: string
  readonly emojis: readonly string[]
}

/** What is no emoji is left out. */
export function readReactions(message: XmlNode): Reactions | undefined {
  const reactions = child(message, NS_REACTIONS, 'reactions')
  const id = reactions?.attrs['id']
  if (!reactions || !id) return undefined
  const texts = childrenOf(reactions, NS_REACTIONS, 'reaction').map((each) => textOf(each).trim())
  return { id, emojis: [...new Set(texts.filter(isEmoji))].slice(0, MOST_REACTIONS) }
}

export function reactions({ id, emojis }: Reactions): XmlNode {
  return el(NS_REACTIONS, 'reactions', { id }, ...emojis.map((each) => textEl(NS_REACTIONS, 'reaction', each)))
}
