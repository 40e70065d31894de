import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'
import { NS_SM } from '../../../src/protocol/xep-0198-stream-management.ts'
import { NS_SASL2 } from '../../../src/protocol/xep-0388-sasl2.ts'
import { child, childText, type XmlNode } from '../../../src/protocol/xml.ts'
import { escapeXml, xml } from './xml.ts'

const NS_FRAMING = 'urn:ietf:params:xml:ns:xmpp-framing'
const NS_SASL = 'urn:ietf:params:xml:ns:xmpp-sasl'
const NS_BIND = 'urn:ietf:params:xml:ns:xmpp-bind'

export interface ScriptedServerOptions {
  readonly mechanisms?: readonly string[]
  /** What an `<auth/>` is answered with. */
  readonly onAuth?: (password: string) => string
  /** What each word of a client's sign-in is answered with, on each connection anew; instead of `onAuth`. */
  readonly onSasl?: () => (word: XmlNode) => string
  /** What is offered besides, before anybody has signed in. */
  readonly offers?: string
  /** What each word of SASL2 is answered with, on each connection anew. */
  readonly onSasl2?: () => (word: XmlNode) => string
  /** What the first `<open/>` of a connection is answered with, where it is nothing like an `<open/>`. */
  readonly onOpen?: () => string | Buffer
  /** The server keeps sessions (XEP-0198), but answers no word about them. */
  readonly keepsSessions?: boolean
  /** Accepts connections and says nothing. */
  readonly silent?: boolean
  /** Says nothing any more once somebody has signed in. */
  readonly silentBehindSuccess?: boolean
}

/** A server over a real WebSocket on the loopback address that does what a test says, where real servers would not. */
export interface ScriptedServer {
  readonly url: string
  /** Frames of the clients, oldest first. */
  readonly received: readonly string[]
  /** How many connections are open. */
  open(): number
  /** How many there have been. */
  connections(): number
  /** Sends a frame on the newest connection. */
  send(frame: string | Buffer): void
  /** Breaks the newest connection off. */
  cut(): void
  close(): Promise<void>
}

const SUCCESS = `<success xmlns='${NS_SASL}'/>`
const textOfSasl = (word: XmlNode): string => Buffer.from(word.children.join(''), 'base64').toString('utf8')
export const saslFailure = (condition: string): string => `<failure xmlns='${NS_SASL}'><${condition}/></failure>`

export async function scriptedServer(options: ScriptedServerOptions = {}): Promise<ScriptedServer> {
  const { mechanisms = ['PLAIN'], onAuth = () => SUCCESS, onOpen, silent = false } = options
  const received: string[] = []
  let newest: WebSocket | undefined
  let connections = 0
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'xmpp' })
  await new Promise((resolve) => server.once('listening', resolve))

  server.on('connection', (socket) => {
    newest = socket
    connections += 1
    let signedIn = false
    const onSasl2 = options.onSasl2?.()
    const onSasl = options.onSasl?.() ?? ((word) => onAuth(textOfSasl(word).split('\0')[2] ?? ''))
    socket.on('message', (data) => {
      const frame = String(data)
      received.push(frame)
      if (silent || (signedIn && options.silentBehindSuccess)) return
      const node = xml(frame)
      if (node.ns === NS_FRAMING && node.name === 'open' && !signedIn && onOpen) socket.send(onOpen())
      else if (node.ns === NS_FRAMING && node.name === 'open') {
        socket.send(`<open xmlns='${NS_FRAMING}' version='1.0' id='s1' from='localhost'/>`)
        const offered = mechanisms.map((each) => `<mechanism>${each}</mechanism>`).join('')
        const features = signedIn
          ? `<bind xmlns='${NS_BIND}'/>${options.keepsSessions ? `<sm xmlns='${NS_SM}'/>` : ''}`
          : `<mechanisms xmlns='${NS_SASL}'>${offered}</mechanisms>${options.offers ?? ''}`
        socket.send(
          `<stream:features xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>${features}</stream:features>`,
        )
      } else if (node.ns === NS_SASL2 && onSasl2) {
        socket.send(onSasl2(node))
      } else if (node.ns === NS_SASL) {
        const answer = onSasl(node)
        signedIn = answer.startsWith('<success')
        socket.send(answer)
      } else if (child(node, NS_BIND, 'bind')) {
        const bind = child(node, NS_BIND, 'bind')
        const resource = (bind && childText(bind, NS_BIND, 'resource')) ?? 'given'
        socket.send(
          `<iq xmlns='jabber:client' type='result' id='${escapeXml(node.attrs['id'] ?? '')}'><bind xmlns='${NS_BIND}'><jid>juliet@localhost/${resource}</jid></bind></iq>`,
        )
      }
    })
  })

  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    received,
    open: () => server.clients.size,
    connections: () => connections,
    send: (frame) => newest?.send(frame),
    cut: () => newest?.terminate(),
    close() {
      for (const client of server.clients) client.terminate()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

/**
 * Gives Node 20 the WebSocket that it has not. `rename` finds the address behind a name, so that a test can pretend that
 * its server is somewhere else.
 *
 * @returns takes it away again
 */
export function installWebSocket(rename: (url: string) => string = (url) => url): () => void {
  class BrowserLikeSocket extends WebSocket {
    constructor(address: string | URL, protocols?: string | string[]) {
      // By default `ws` gives a frame on before the code behind the last one has run; browsers do not.
      super(rename(String(address)), protocols, { allowSynchronousEvents: false })
    }
  }
  Object.assign(globalThis, { WebSocket: BrowserLikeSocket })
  return () => void Reflect.deleteProperty(globalThis, 'WebSocket')
}
