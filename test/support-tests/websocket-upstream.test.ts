import { afterAll, beforeAll } from 'vitest'
import { WebSocket } from 'ws'
import { webSocketUpstream } from '../../src/adapters/websocket-upstream.ts'
import { upstreamContract } from '../adapters/upstream-contract.ts'
import { type ChatServer, startServer } from '../support/servers/index.ts'

const ACCOUNT = 'juliet@localhost'
const sockets = new Set<WebSocket>()

/** What a browser has and Node 20 has not. By default `ws` gives a frame on before the code behind the last one has run. */
class BrowserLikeSocket extends WebSocket {
  constructor(address: string | URL, protocols?: string | string[]) {
    super(address, protocols, { allowSynchronousEvents: false })
    sockets.add(this)
    this.on('close', () => sockets.delete(this))
  }
}

let server: ChatServer

beforeAll(async () => {
  Object.assign(globalThis, { WebSocket: BrowserLikeSocket })
  server = await startServer('prosody', { accounts: { juliet: 'secret' }, hibernationSeconds: 1 })
}, 600_000)

afterAll(async () => {
  await server.dispose()
  Reflect.deleteProperty(globalThis, 'WebSocket')
})

upstreamContract('webSocketUpstream over Prosody', async () => ({
  upstream: webSocketUpstream(),
  credentials: { account: ACCOUNT, service: [server.url], password: 'secret', allowPlain: false },
  // The port that every machine keeps free: nobody listens there.
  nobody: 'ws://127.0.0.1:1/',
  cut() {
    for (const socket of sockets) socket.terminate()
  },
}))
