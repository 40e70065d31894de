// XEP-0317: Hats, version 0.3.1
// https://xmpp.org/extensions/xep-0317.html
import { child, childrenOf, type XmlNode } from './xml.ts'

const NS_HATS = 'urn:xmpp:hats:0'
/** What Prosody before 13 writes. */
const NS_PROSODY_HATS = 'xmpp:prosody.im/protocol/hats:1'
const MOST_HATS = 32
const MOST_CHARACTERS = 512
/** One for all: most occupants wear none. */
const NONE: readonly Hat[] = []

export interface Hat {
  readonly uri: string
  readonly title: string
}

/** The hats that an occupant wears, in the room's order. */
export function readHats(presence: XmlNode): readonly Hat[] {
  const hats = child(presence, NS_HATS, 'hats') ?? child(presence, NS_PROSODY_HATS, 'hats')
  if (!hats) return NONE
  return childrenOf(hats, hats.ns, 'hat')
    .flatMap(({ attrs: { uri, title = uri } }) => (uri && title && uri.length <= MOST_CHARACTERS ? { uri, title } : []))
    .slice(0, MOST_HATS)
    .map(({ uri, title }) => ({ uri, title: title.slice(0, MOST_CHARACTERS) }))
}
