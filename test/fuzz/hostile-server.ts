import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'

/** What a server says on one connection, and how it ends it. */
export interface HostileStream {
  /** Whether it lets the client in first; else all is said in place of the sign-in. */
  readonly letsIn: boolean
  readonly frames: readonly (string | Buffer)[]
  readonly end: 'break' | 'close' | 'silence of the socket'
}

export interface HostileServer {
  /** The address at which that stream is spoken. */
  url(number: number): string
  close(): Promise<void>
}

const NS_FRAMING = 'urn:ietf:params:xml:ns:xmpp-framing'
const NS_STREAM = 'http://etherx.jabber.org/streams'
const NS_SASL = 'urn:ietf:params:xml:ns:xmpp-sasl'
const NS_BIND = 'urn:ietf:params:xml:ns:xmpp-bind'

const OPEN = `<open xmlns='${NS_FRAMING}' version='1.0' id='s1' from='localhost'/>`
const features = (what: string): string =>
  `<stream:features xmlns='jabber:client' xmlns:stream='${NS_STREAM}'>${what}</stream:features>`

/** What lets a client in, by what the client has said before. */
const WELCOME: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^<open/, [OPEN, features(`<mechanisms xmlns='${NS_SASL}'><mechanism>PLAIN</mechanism></mechanisms>`)]],
  [/^<auth/, [`<success xmlns='${NS_SASL}'/>`]],
  [/^<open/, [OPEN, features(`<bind xmlns='${NS_BIND}'/>`)]],
]
const BOUND = `<iq xmlns='jabber:client' type='result' id='bind'><bind xmlns='${NS_BIND}'><jid>juliet@localhost/web</jid></bind></iq>`

/** Speaks streams over real WebSockets on the loopback address, as many at a time as there are clients. */
export async function hostileServer(streamOf: (number: number) => HostileStream): Promise<HostileServer> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'xmpp' })
  await new Promise((resolve) => server.once('listening', resolve))
  server.on('connection', (socket, request) => {
    socket.on('error', () => undefined) // 'close' follows
    speak(socket, streamOf(Number(request.url?.slice(1))))
  })
  return {
    url: (number) => `ws://127.0.0.1:${(server.address() as AddressInfo).port}/${number}`,
    close() {
      for (const client of server.clients) client.terminate()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

function speak(socket: WebSocket, { letsIn, frames, end }: HostileStream): void {
  const welcome = letsIn ? [...WELCOME] : []
  let said = false
  const sayAll = (): void => {
    said = true
    for (const frame of frames) socket.send(frame)
    if (end === 'close') socket.close(1000)
    else if (end === 'break') socket.terminate()
    else socket.close(4000 + frames.length)
  }
  socket.on('message', (data) => {
    const next = welcome[0]
    if (said) return
    if (!next) {
      if (letsIn) socket.send(BOUND)
      sayAll()
    } else if (next[0].test(String(data))) {
      welcome.shift()
      for (const frame of next[1]) socket.send(frame)
    }
  })
}
