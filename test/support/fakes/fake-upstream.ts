import { readFrame } from '../../../src/adapters/frame-reader.ts'
import { toElement } from '../../../src/adapters/xmpp-element.ts'
import type { Credentials, Stream, StreamEnd, Upstream, UpstreamListener } from '../../../src/broker/ports.ts'
import { utf8Length } from '../../../src/protocol/utf8.ts'
import type { XmlNode } from '../../../src/protocol/xml.ts'
import { stanza } from './xml.ts'

/** One stream of the fake, with the server's side of it in the test's hand. */
export interface FakeStream extends Stream {
  readonly credentials: Credentials
  /** What the stream talks to: for a test to say what no stream may, such as a word after its last. */
  readonly listener: UpstreamListener
  /** What was sent on it, oldest first. */
  readonly sent: readonly XmlNode[]
  /** The account has closed it. */
  readonly closed: boolean
  /** It is signed in, and has not ended. */
  readonly live: boolean
  /** Signs in, where the fake does not do so by itself. */
  online(fullJid?: string): void
  /** A stanza from the server: XML, without the stream's namespace if one likes. */
  deliver(xml: string): void
  /** The stream is over. */
  end(cause: StreamEnd['cause'], text?: string): void
}

export interface FakeUpstream extends Upstream {
  readonly streams: readonly FakeStream[]
  /** The newest stream. @throws Error where there is none */
  readonly stream: FakeStream
  /** What was sent on all streams, oldest first. */
  readonly sent: readonly XmlNode[]
}

export interface FakeUpstreamOptions {
  /** Passwords by bare JID; left out, every password is right. */
  readonly accounts?: Readonly<Record<string, string>>
  /** Addresses that answer; left out, all do. */
  readonly services?: readonly string[]
  /** `by-hand`: a stream stays in sign-in until the test says `online` or `end`. */
  readonly signIn?: 'at-once' | 'by-hand'
  /** What the server does with a stanza, as soon as it has it. */
  readonly onSent?: (node: XmlNode, stream: FakeStream) => void
}

/** A server without a network: it signs in whoever may, and gives every stanza to the test. */
export function fakeUpstream(options: FakeUpstreamOptions = {}): FakeUpstream {
  const streams: FakeStream[] = []
  const sent: XmlNode[] = []
  const figures = { connections: 0, framesIn: 0, framesOut: 0, bytesIn: 0, bytesOut: 0 }

  const begin = (credentials: Credentials, listener: UpstreamListener): FakeStream => {
    const { signIn = 'at-once', services, accounts, onSent } = options
    let at: 'sign-in' | 'live' | 'over' = 'sign-in'
    let closed = false
    const mine: XmlNode[] = []
    const stream: FakeStream = {
      credentials,
      listener,
      sent: mine,
      get closed() {
        return closed
      },
      get live() {
        return at === 'live'
      },
      online(fullJid = `${credentials.account}/web-${streams.length}`) {
        if (at !== 'sign-in') return
        at = 'live'
        listener.onOnline(fullJid)
      },
      deliver(xml) {
        if (at !== 'live') return
        figures.framesIn += 1
        figures.bytesIn += utf8Length(xml)
        listener.onStanza(stanza(xml))
      },
      end(cause, text = cause) {
        if (at === 'over') return
        at = 'over'
        listener.onEnd({ cause, text })
      },
      send(node) {
        if (at !== 'live') return
        // What is sent has been XML: a server sees nothing else of it.
        const written = toElement(node).toString()
        const read = readFrame(written)
        if (!read) throw new Error(`what was sent is not XML: ${written}`)
        figures.framesOut += 1
        figures.bytesOut += utf8Length(written)
        mine.push(read)
        sent.push(read)
        onSent?.(read, stream)
      },
      close() {
        closed = true
        at = 'over'
      },
    }

    const answer = (): void => {
      const reached = credentials.service.some((service) => !services || services.includes(service))
      if (!reached) stream.end('unreachable', 'no address answers')
      else if (accounts && accounts[credentials.account] !== credentials.password) stream.end('not-authorized', 'wrong')
      else stream.online()
    }
    figures.connections += 1
    if (signIn === 'at-once') queueMicrotask(answer)
    return stream
  }

  return {
    connect(credentials, listener) {
      const stream = begin(credentials, listener)
      streams.push(stream)
      return stream
    },
    figures: () => ({ ...figures }),
    streams,
    sent,
    get stream() {
      const last = streams.at(-1)
      if (!last) throw new Error('nobody has connected')
      return last
    },
  }
}
