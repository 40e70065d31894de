import { afterAll, beforeAll } from 'vitest'
import { WebSocket } from 'ws'
import { webSocketUpstream } from '../../src/adapters/websocket-upstream.ts'
import { type ChatServer, startServer } from '../support/servers/index.ts'
import { serverScenarios } from '../testing/server-scenarios.ts'

/** What a browser has and Node 20 has not: a frame is given on once the code behind the last one has run. */
class BrowserLikeSocket extends WebSocket {
  constructor(address: string | URL, protocols?: string | string[]) {
    super(address, protocols, { allowSynchronousEvents: false })
  }
}

let server: ChatServer

beforeAll(async () => {
  Object.assign(globalThis, { WebSocket: BrowserLikeSocket })
  server = await startServer('prosody', { accounts: { alice: 'secret', bob: 'secret', carol: 'secret' } })
}, 600_000)

afterAll(async () => {
  await server.dispose()
  Reflect.deleteProperty(globalThis, 'WebSocket')
})

serverScenarios('Prosody', async () => ({
  upstream: webSocketUpstream(),
  service: server.url,
  domain: server.domain,
  rooms: server.mucDomain,
}))
