// In the page: a broker in some rooms, over a store, with a server that only says what it is told to.
import { systemClock } from '../../src/adapters/system-clock.ts'
import { Broker } from '../../src/broker/broker.ts'
import type { Upstream, UpstreamListener } from '../../src/broker/ports.ts'
import type { SharedMessage } from '../../src/contract/api.ts'
import { iq } from '../../src/protocol/stanza.ts'
import { el, type XmlNode } from '../../src/protocol/xml.ts'
import type { Store } from '../../src/storage/store.ts'

const ACCOUNT = 'juliet@localhost'
const NICK = 'Juliet'
const NS_MUC_USER = 'http://jabber.org/protocol/muc#user'
const NS_DISCO = 'http://jabber.org/protocol/disco#info'

export interface HearingBroker {
  /** Resolves when a tab has been told of all of them: each is stored then. */
  hear(messages: readonly SharedMessage[]): Promise<void>
}

export async function brokerIn(rooms: readonly string[], store: Store): Promise<HearingBroker> {
  let listener: UpstreamListener | undefined
  const say = (stanza: XmlNode): void => listener?.onStanza(stanza)
  const upstream: Upstream = {
    connect(_credentials, given) {
      listener = given
      queueMicrotask(() =>
        given.onOnline({ fullJid: `${ACCOUNT}/tab`, session: 'new', handled: undefined, managed: undefined }),
      )
      return {
        send: (stanza) => queueMicrotask(() => answer(stanza, say)),
        close: () => undefined,
        drop: () => undefined,
      }
    },
    figures: () => ({ connections: 0, framesIn: 0, framesOut: 0, bytesIn: 0, bytesOut: 0 }),
  }
  const broker = new Broker({
    account: ACCOUNT,
    instance: 'bench',
    engine: 'this-tab',
    upstream,
    store,
    clock: systemClock(),
  })
  let told = 0
  let wanted = Number.POSITIVE_INFINITY
  let onTold: () => void = () => undefined
  const tab = broker.attach('tab', {
    post({ seq, events }) {
      told += structuredClone(events).filter(({ kind }) => kind === 'message').length
      // As over a port: never before the post has ended.
      queueMicrotask(() => tab.acknowledge(seq + events.length - 1))
      if (told >= wanted) onTold()
    },
  })
  const words = { onLastTab: 'linger', allowPlain: false, activity: 'active', hidden: false, again: false } as const
  await tab.api.call('signIn', { service: [], password: 'a password', ...words })
  for (const room of rooms) {
    const joined = await tab.api.call('join', { room, nick: NICK })
    if (!joined.ok) throw new Error(joined.error.message)
  }
  return {
    hear: (messages) =>
      new Promise((resolve) => {
        wanted = told + messages.length
        onTold = resolve
        for (const { stanza } of messages) say(stanza)
      }),
  }
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
