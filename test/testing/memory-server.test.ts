import { MemoryServer } from '../../src/testing/memory-server.ts'
import { memoryUpstream } from '../../src/testing/memory-upstream.ts'
import { testClock } from '../../src/testing/test-clock.ts'
import { upstreamContract } from '../adapters/upstream-contract.ts'
import { serverScenarios } from './server-scenarios.ts'

const SERVICE = 'wss://memory.example/'

const server = (): MemoryServer => new MemoryServer({ clock: testClock(Date.UTC(2030, 0, 1)) })

// What an application is tested with must keep what the real one keeps (test/support-tests/websocket-upstream.test.ts).
upstreamContract('memoryUpstream', async () => {
  const upstream = memoryUpstream(server(), {
    management: 'resumes',
    accounts: { 'juliet@example': 'secret' },
    services: [SERVICE],
  })
  return {
    upstream,
    credentials: { account: 'juliet@example', service: [SERVICE], password: 'secret', allowPlain: false },
    nobody: 'wss://nobody.example/',
    cut: () => {
      for (const stream of upstream.streams) stream.end('closed')
    },
  }
})

// The same scenarios against Prosody: test/support-tests/server-scenarios.test.ts.
serverScenarios('the server in memory', async () => ({
  upstream: memoryUpstream(server(), { management: 'none' }),
  service: SERVICE,
  domain: 'example',
  rooms: 'rooms.example',
}))
