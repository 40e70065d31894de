// In the page: a broker in some rooms, over a store, with a server that only says what it is told to.
import { passwordPrints } from '../../src/adapters/password-prints.ts'
import { systemClock } from '../../src/adapters/system-clock.ts'
import { Broker } from '../../src/broker/broker.ts'
import type { TabEvent } from '../../src/contract/api.ts'
import type { XmlNode } from '../../src/protocol/xml.ts'
import type { Store } from '../../src/storage/store.ts'
import { bareLater } from '../support/fakes/bare-later.ts'
import { spokenUpstream } from './spoken-upstream.ts'

const ACCOUNT = 'juliet@localhost'
const NICK = 'Juliet'

export interface HearingBroker {
  /** Resolves when a tab has been told of all of them: each is stored then. */
  hear(messages: readonly { readonly stanza: XmlNode }[]): Promise<void>
}

/** @param onEvents hears what the tab is told, as it is told it */
export async function brokerIn(
  rooms: readonly string[],
  store: Store,
  onEvents: (events: readonly TabEvent[]) => void = () => undefined,
): Promise<HearingBroker> {
  const { upstream, say } = spokenUpstream()
  const broker = new Broker({
    later: bareLater,
    account: ACCOUNT,
    instance: 'bench',
    engine: 'this-tab',
    upstream,
    store,
    clock: systemClock(),
    passwords: passwordPrints(),
  })
  let told = 0
  let wanted = Number.POSITIVE_INFINITY
  let onTold: () => void = () => undefined
  const tab = broker.attach('tab', {
    post({ seq, events }) {
      const copies = structuredClone(events)
      told += copies.filter(({ kind }) => kind === 'message').length
      onEvents(copies)
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
