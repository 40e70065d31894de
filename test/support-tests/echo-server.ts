import { once } from 'node:events'
import { type WebSocket, WebSocketServer } from 'ws'

/** A WebSocket server that sends back what it gets, and remembers it. */
export type EchoServer = AsyncDisposable & {
  readonly url: string
  readonly heard: readonly string[]
  /** The close codes of connections that ended, in their order. */
  readonly closed: readonly number[]
  /** The connections that are open. */
  readonly sockets: ReadonlySet<WebSocket>
  /** Resolves with the code of the next connection that ends. */
  nextClose(): Promise<number>
  /** Whether it sends back what it gets; set to `false` to hear only. */
  echoes: boolean
}

/** A running echo server on a loopback port; it insists on the subprotocol `xmpp`. */
export async function startEchoServer(): Promise<EchoServer> {
  const server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    allowSynchronousEvents: false,
    handleProtocols: (offered) => offered.has('xmpp') && 'xmpp',
  })
  await once(server, 'listening')
  const heard: string[] = []
  const closed: number[] = []
  server.on('connection', (socket) => {
    socket.on('error', () => undefined)
    socket.on('message', (data) => {
      heard.push(String(data))
      if (echo.echoes) socket.send(String(data))
    })
    socket.once('close', (code) => {
      closed.push(code)
      server.emit('gone', code)
    })
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('echo server: no port')

  const echo: EchoServer = {
    url: `ws://127.0.0.1:${address.port}/echo`,
    heard,
    closed,
    sockets: server.clients,
    echoes: true,
    nextClose: async () => Number((await once(server, 'gone'))[0]),
    [Symbol.asyncDispose]: async () => {
      for (const socket of server.clients) socket.terminate()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
  return echo
}
