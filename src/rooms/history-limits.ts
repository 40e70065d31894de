import type { SharedMessage } from '../contract/api.ts'
import type { HistoryWish } from '../contract/model.ts'
import type { HistoryLimits } from '../protocol/xep-0045-muc.ts'
import type { XmlNode } from '../protocol/xml.ts'

/** What servers give where nothing is asked for. */
export const DEFAULT_STANZAS = 20
/** Beyond this many a tab reads the archive page by page. */
export const MOST_STANZAS = 500

/** A tab's wish in the words of the protocol. */
export function limitsOf(wish: HistoryWish | undefined): HistoryLimits {
  return {
    maxStanzas: wish?.maxstanzas,
    maxChars: wish?.maxchars,
    seconds: wish?.seconds,
    sinceMs: wish?.since instanceof Date ? wish.since.getTime() : wish?.since,
  }
}

/** How many messages can be in the answer at the most. */
export function stanzaLimit(limits: HistoryLimits): number {
  if (limits.maxChars === 0) return 0
  if (limits.maxStanzas !== undefined) return limits.maxStanzas
  const others = limits.maxChars ?? limits.seconds ?? limits.sinceMs
  return others === undefined ? DEFAULT_STANZAS : MOST_STANZAS
}

/** The newest of the messages that all limits allow, oldest first (XEP-0045 section 7.2.14). */
export function limitHistory(
  messages: readonly SharedMessage[],
  limits: HistoryLimits,
  nowMs: number,
): SharedMessage[] {
  const fromMs = Math.max(
    limits.seconds === undefined ? -Infinity : nowMs - limits.seconds * 1000,
    limits.sinceMs === undefined ? -Infinity : Math.floor(limits.sinceMs / 1000) * 1000,
  )
  const most = stanzaLimit(limits)
  const kept: SharedMessage[] = []
  let chars = 0
  for (const message of [...messages].reverse()) {
    if (kept.length >= most || message.stampMs < fromMs) break
    if (limits.maxChars !== undefined) {
      chars += xmlLength(message.stanza, '')
      if (chars > limits.maxChars) break
    }
    kept.push(message)
  }
  return kept.reverse()
}

/** Characters that a node has when it is written, as a server would count them. */
function xmlLength(node: XmlNode, ns: string): number {
  let length = node.name.length + 2 + (node.ns === ns ? 0 : node.ns.length + 9)
  for (const [key, value] of Object.entries(node.attrs)) length += key.length + value.length + 4
  if (node.children.length === 0) return length + 1
  for (const c of node.children) length += typeof c === 'string' ? c.length : xmlLength(c, node.ns)
  return length + node.name.length + 3
}
