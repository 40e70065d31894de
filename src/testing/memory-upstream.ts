import type { HomeSession } from './account-home.ts'
import { type FakeUpstream, type FakeUpstreamOptions, fakeUpstream } from './fake-upstream.ts'
import type { MemoryServer } from './memory-server.ts'

export type MemoryUpstreamOptions = Pick<FakeUpstreamOptions, 'management' | 'accounts' | 'services' | 'keeps'>

/** The way to a server in memory: who signs in has a session there, for as long as the upstream keeps it. */
export function memoryUpstream(server: MemoryServer, options: MemoryUpstreamOptions = {}): FakeUpstream {
  const sessions = new Map<object, HomeSession>()
  return fakeUpstream({
    ...options,
    // A domain alone is given an account (SASL ANONYMOUS).
    fullJidOf: (account, number) => `${account.includes('@') ? account : `guest-${number}@${account}`}/web-${number}`,
    onBound(jid, stream) {
      const { session } = stream
      if (session) sessions.set(session, server.enter({ jid, deliver: (stanza) => stream.deliver(stanza) }))
    },
    onOver(session) {
      const known = sessions.get(session)
      sessions.delete(session)
      if (known) server.leave(known)
    },
    onSent(stanza, { session }) {
      const known = session && sessions.get(session)
      // Later, as over a network: whoever sends is not answered within the call.
      if (known) queueMicrotask(() => server.take(stanza, known))
    },
  })
}
