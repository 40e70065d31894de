import type { Upstream, UpstreamListener } from '../../src/broker/ports.ts'
import { iq } from '../../src/protocol/stanza.ts'
import { el, type XmlNode } from '../../src/protocol/xml.ts'

const NS_MUC_USER = 'http://jabber.org/protocol/muc#user'
const NS_DISCO = 'http://jabber.org/protocol/disco#info'

/** A server that lets in whoever comes, and says what it is told to say. */
export interface SpokenUpstream {
  readonly upstream: Upstream
  readonly say: (stanza: XmlNode) => void
}

/** @param more answers what it can, and says whether it could */
export function spokenUpstream(
  more: (stanza: XmlNode, say: (stanza: XmlNode) => void) => boolean = () => false,
): SpokenUpstream {
  let listener: UpstreamListener | undefined
  const say = (stanza: XmlNode): void => listener?.onStanza(stanza)
  const upstream: Upstream = {
    connect({ account }, given) {
      listener = given
      queueMicrotask(() =>
        given.onOnline({ fullJid: `${account}/tab`, session: 'new', handled: undefined, managed: undefined }),
      )
      return {
        send: (stanza) => queueMicrotask(() => more(stanza, say) || answer(stanza, say)),
        close: () => undefined,
        drop: () => undefined,
      }
    },
    figures: () => ({ connections: 0, framesIn: 0, framesOut: 0, bytesIn: 0, bytesOut: 0 }),
  }
  return { upstream, say }
}

/** What a room says to whoever joins it, and to whoever asks what it can do. */
function answer({ name, attrs }: XmlNode, say: (stanza: XmlNode) => void): void {
  const { to = '', id = '', type } = attrs
  const [room = ''] = to.split('/')
  if (name === 'presence' && type === undefined && to.includes('/')) {
    const item = el(NS_MUC_USER, 'item', { affiliation: 'none', role: 'participant' })
    const own = el(NS_MUC_USER, 'x', undefined, item, el(NS_MUC_USER, 'status', { code: 110 }))
    say(el('jabber:client', 'presence', { from: to, id }, own))
    say(el('jabber:client', 'message', { from: room, type: 'groupchat' }, el('jabber:client', 'subject')))
  } else if (name === 'iq' && type === 'get' && room.includes('muc.')) {
    const result = iq(
      { type: 'result', id },
      el(NS_DISCO, 'query', undefined, el(NS_DISCO, 'feature', { var: 'urn:xmpp:mam:2' })),
    )
    say({ ...result, attrs: { ...result.attrs, from: to } })
  }
}
