// Run as a process of its own by wire-proxy.test.ts: it can only end by itself if the proxy leaves nothing behind.
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { startWireProxy } from '../support/wire-proxy.ts'
import { startEchoServer } from './echo-server.ts'

const echo = await startEchoServer()
const proxy = await startWireProxy({ target: echo.url })

async function open(): Promise<WebSocket> {
  const socket = new WebSocket(proxy.url, 'xmpp')
  socket.on('error', () => undefined)
  await once(socket, 'open')
  return socket
}

const [delayed] = [await open(), await open(), await open(), await open()]
proxy.cut({ connection: 2, how: 'reset', only: 'client' })
proxy.cut({ connection: 3, how: 'fin', only: 'server' })
proxy.cut({ connection: 4, how: 'close', only: 'client' })
proxy.refuse({ hang: true })
new WebSocket(proxy.url, 'xmpp').on('error', () => undefined)
proxy.delayMs.up = 600_000
delayed?.send('under way')
const failed = proxy.waitForFrame(() => false, 600_000).catch(() => 'failed')
await proxy.waitForFrame((frame) => frame.text === 'under way', 10_000)

await proxy.close()
await echo[Symbol.asyncDispose]()
console.log(`the wait ${await failed}`)
