import { type Envelope, iq } from '../protocol/stanza.ts'
import { errorEl } from '../protocol/stanza-error.ts'
import { discoInfoEl, NS_DISCO_INFO } from '../protocol/xep-0030-disco.ts'
import { writeDateTime } from '../protocol/xep-0082-datetime.ts'
import { NS_CHAT_STATES } from '../protocol/xep-0085-chat-states.ts'
import { capsEl, capsText } from '../protocol/xep-0115-caps.ts'
import { NS_BOOKMARKS, NS_BOOKMARKS_LEGACY } from '../protocol/xep-0402-bookmarks.ts'
import { NS_MDS } from '../protocol/xep-0490-mds.ts'
import { child, el, textEl, type XmlNode } from '../protocol/xml.ts'

const NS_PING = 'urn:xmpp:ping'
const NS_VERSION = 'jabber:iq:version'
const NS_TIME = 'urn:xmpp:time'
const NAME = 'minimix-web'
const VERSION = '0.1.0'
const NODE = 'https://www.npmjs.com/package/minimix-web'
const IDENTITY = { category: 'client', type: 'web', name: NAME }
const FEATURES: readonly string[] = [
  NS_DISCO_INFO,
  'http://jabber.org/protocol/caps',
  'http://jabber.org/protocol/muc',
  'jabber:x:conference',
  NS_PING,
  NS_TIME,
  NS_VERSION,
  'urn:xmpp:sid:0',
  NS_CHAT_STATES,
  `${NS_BOOKMARKS}+notify`,
  `${NS_BOOKMARKS_LEGACY}+notify`,
  `${NS_MDS}+notify`,
]

/**
 * Our capabilities, as part of each presence (XEP-0115): what `answerRequest` says when it is asked.
 *
 * @param more what else there is beside what the SDK itself can do
 */
export async function ownCaps(sha1: (text: string) => Promise<string>, more: readonly string[] = []): Promise<XmlNode> {
  return capsEl(NODE, await sha1(capsText(IDENTITY, featuresWith(more))))
}

/** Each of them once: one that is named twice makes the capabilities invalid (XEP-0115 section 5.4). */
const featuresWith = (more: readonly string[]): readonly string[] => [...new Set([...FEATURES, ...more])]

/**
 * The one answer that an IQ request of the network gets (ping, disco, version, time); what is not known is refused
 * (RFC 6120 section 8.4).
 */
export function answerRequest(
  { id, from, type }: Envelope,
  request: XmlNode,
  nowMs: number,
  more: readonly string[] = [],
): XmlNode | undefined {
  if (id === undefined || (type !== 'get' && type !== 'set')) return undefined
  const known = type === 'get' ? answerTo(request, nowMs, more) : undefined
  if (known) return iq({ type: 'result', id, to: from }, ...known)
  return iq({ type: 'error', id, to: from }, errorEl('cancel', 'service-unavailable'))
}

function answerTo(request: XmlNode, nowMs: number, more: readonly string[]): XmlNode[] | undefined {
  if (child(request, NS_PING, 'ping')) return []
  if (child(request, NS_VERSION, 'query')) {
    return [
      el(NS_VERSION, 'query', undefined, textEl(NS_VERSION, 'name', NAME), textEl(NS_VERSION, 'version', VERSION)),
    ]
  }
  if (child(request, NS_TIME, 'time')) {
    // The zone is nobody's business: UTC is true everywhere.
    return [
      el(NS_TIME, 'time', undefined, textEl(NS_TIME, 'tzo', '+00:00'), textEl(NS_TIME, 'utc', writeDateTime(nowMs))),
    ]
  }
  const query = child(request, NS_DISCO_INFO, 'query')
  const node = query?.attrs['node']
  if (query && (node === undefined || node.startsWith(`${NODE}#`)))
    return [discoInfoEl(IDENTITY, featuresWith(more), node)]
  return undefined
}
