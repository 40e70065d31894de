import { isStronger } from '../account/sasl.ts'
import { readFrame } from '../adapters/frame-reader.ts'
import { writeFrame } from '../adapters/frame-writer.ts'
import type { Bound, Credentials, Stream, StreamEnd, Upstream, UpstreamListener } from '../broker/ports.ts'
import { utf8Length } from '../protocol/utf8.ts'
import { NS_SM, stepsBetween } from '../protocol/xep-0198-stream-management.ts'
import { NS_CSI } from '../protocol/xep-0352-csi.ts'
import type { XmlNode } from '../protocol/xml.ts'

/** The server's side of a session: with XEP-0198 it outlives its connection. */
interface FakeSession {
  readonly id: string | undefined
  readonly fullJid: string
  /** Stanzas of the client that have been taken in. */
  handled: number
  /** How many of ours the client has said it handled. */
  acknowledged: number
  /** What it has not, oldest first, as XML. */
  unacknowledged: string[]
  /** Its connection, as long as it has one. */
  connection: { hear(xml: string): void } | undefined
  over: boolean
}

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
  /** The session on the server: the same object for a stream that goes on with the one of another. */
  readonly session: object | undefined
  /** Signs in, where the fake does not do so by itself. */
  online(fullJid?: string): void
  /**
   * A stanza from the server: XML, without the stream's namespace if one likes. One for a session that has lost its
   * connection and may go on waits for that.
   */
  deliver(xml: string | XmlNode): void
  /** A word of the server about the stream itself: it is not counted. */
  word(xml: string): void
  /** The server wants to know how many of its stanzas were handled. */
  requestAck(): void
  /** From now on nothing arrives any more, as in a tunnel: of what we say (`up`), of what the server says (`down`), or both. */
  stall(which?: 'up' | 'down' | 'both'): void
  /** The stream is over. */
  end(cause: StreamEnd['cause'], text?: string): void
}

export interface FakeUpstream extends Upstream {
  readonly streams: readonly FakeStream[]
  /** The newest stream. @throws Error where there is none */
  readonly stream: FakeStream
  /** What was sent on all streams, oldest first. */
  readonly sent: readonly XmlNode[]
  /** What the server does with sessions: a test changes it as it goes on. */
  readonly server: ServerHabits
  /** Forgets the sessions that have lost their connection: whoever comes back begins anew. */
  forget(): void
}

interface ServerHabits {
  /** Whether a session that is there may go on. */
  resumes: boolean
  /** Where it may not, the server still says how much it had handled. */
  tellsHandled: boolean
  /** Whether it answers a request for acknowledgement. */
  answers: boolean
  /** By which it signs in, where it says so. */
  mechanism: string | undefined
  /** Whether it wants to hear if anybody looks (XEP-0352). */
  clientState: boolean
  /** It hears with the sign-in (SASL2) whether anybody looks, and switches carbons on. */
  inline: boolean
  /** Whether anybody answers at its address. */
  reachable: boolean
}

export interface FakeUpstreamOptions {
  /** XEP-0198: `none` of it, it `counts` only, or a session `resumes`; left out, none. */
  readonly management?: 'none' | 'counts' | 'resumes'
  /** Passwords by bare JID; left out, every password is right. */
  readonly accounts?: Readonly<Record<string, string>>
  /** Addresses that answer; left out, all do. */
  readonly services?: readonly string[]
  /** `by-hand`: a stream stays in sign-in until the test says `online` or `end`. */
  readonly signIn?: 'at-once' | 'by-hand'
  /** What the server does with a stanza, as soon as it has it. */
  readonly onSent?: (node: XmlNode, stream: FakeStream) => void
  /** A session begins. */
  readonly onBound?: (fullJid: string, stream: FakeStream) => void
  /** A session is over: nothing will reach it any more. */
  readonly onOver?: (session: object) => void
  /** The address of a session; `web-1`, `web-2` … are the resources unless said. */
  readonly fullJidOf?: (account: string, number: number) => string
  /** `nothing`: streams and what was sent on them are not kept, as by a server that runs for days. */
  readonly keeps?: 'everything' | 'nothing'
}

/** A stanza written as the RFCs and XEPs show them: without the namespace of the stream, which is put in here. */
function stanza(text: string): XmlNode {
  const node = readFrame(text.replace(/^<(message|presence|iq)\b(?![^>]*\sxmlns=)/, "<$1 xmlns='jabber:client'"))
  if (!node) throw new Error(`not one well-formed element: ${text}`)
  return node
}

const usualJid = (account: string, number: number): string => `${account}/web-${number}`

/** A server without a network: it signs in whoever may, and gives every stanza to the test. */
export function fakeUpstream(options: FakeUpstreamOptions = {}): FakeUpstream {
  const streams: FakeStream[] = []
  const sent: XmlNode[] = []
  const figures = { connections: 0, framesIn: 0, framesOut: 0, bytesIn: 0, bytesOut: 0 }

  let sessions: FakeSession[] = []
  let begun = 0
  let bound = 0
  const over = (session: FakeSession): void => {
    if (session.over) return
    session.over = true
    sessions = sessions.filter((each) => each !== session)
    options.onOver?.(session)
  }
  const server: ServerHabits = {
    resumes: true,
    tellsHandled: true,
    answers: true,
    mechanism: undefined,
    clientState: false,
    inline: false,
    reachable: true,
  }

  const begin = (credentials: Credentials, listener: UpstreamListener): FakeStream => {
    const { signIn = 'at-once', services, accounts, onSent, management = 'none', keeps = 'everything' } = options
    const number = ++begun
    let at: 'sign-in' | 'live' | 'over' = 'sign-in'
    let closed = false
    let session: FakeSession | undefined
    let stalled: 'up' | 'down' | 'both' | undefined
    const mine: XmlNode[] = []
    const connection = {
      hear(xml: string): void {
        if (at !== 'live' || stalled === 'down' || stalled === 'both') return
        figures.framesIn += 1
        figures.bytesIn += utf8Length(xml)
        listener.onStanza(stanza(xml))
      },
    }
    /** The connection is gone; what becomes of the session depends on who ended it, and how. */
    const leave = (forGood: boolean): void => {
      at = 'over'
      if (!session) return
      if (session.connection === connection) session.connection = undefined
      if (forGood || management !== 'resumes') over(session)
    }
    const resume = (before: FakeSession, taken: number): void => {
      session = before
      before.connection = connection
      acknowledged(before, taken)
      const { fullJid, id, handled, unacknowledged } = before
      listener.onOnline({ fullJid, session: 'resumed', handled, managed: { id }, ...told() })
      for (const xml of [...unacknowledged]) connection.hear(xml)
    }
    const bind = (fullJid: string, handled: number | undefined): void => {
      const id = management === 'resumes' ? `sm-${++bound}` : undefined
      session = { id, fullJid, handled: 0, acknowledged: 0, unacknowledged: [], connection, over: false }
      sessions.push(session)
      options.onBound?.(fullJid, stream)
      listener.onOnline({
        fullJid,
        session: 'new',
        handled,
        managed: management === 'none' ? undefined : { id },
        ...told(),
      })
    }
    const acknowledged = (which: FakeSession, h: number): void => {
      which.unacknowledged.splice(0, stepsBetween(which.acknowledged, h))
      which.acknowledged = h
    }
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
      get session() {
        return session
      },
      online(fullJid = (options.fullJidOf ?? usualJid)(credentials.account, number)) {
        if (at !== 'sign-in') return
        at = 'live'
        const { id, taken = 0 } = credentials.resume ?? {}
        const before = id === undefined ? undefined : sessions.find((each) => each.id === id)
        if (before && server.resumes && !before.over) resume(before, taken)
        else {
          if (before) over(before)
          bind(fullJid, before && server.tellsHandled ? before.handled : undefined)
        }
      },
      deliver(what) {
        if (!session || session.over) return
        const xml = typeof what === 'string' ? what : writeFrame(what)
        if (management !== 'none') session.unacknowledged.push(xml)
        session.connection?.hear(xml)
      },
      word: (xml) => connection.hear(xml),
      requestAck: () => connection.hear(`<r xmlns='${NS_SM}'/>`),
      stall(which = 'both') {
        stalled = which
      },
      end(cause, text = cause) {
        if (at === 'over') return
        leave(cause !== 'closed' && cause !== 'malformed')
        listener.onEnd({ cause, text })
      },
      send(node) {
        if (at !== 'live') return
        // What is sent has been XML: a server sees nothing else of it.
        const written = writeFrame(node)
        const read = readFrame(written)
        if (!read) throw new Error(`what was sent is not XML: ${written}`)
        figures.framesOut += 1
        figures.bytesOut += utf8Length(written)
        if (keeps === 'everything') {
          mine.push(read)
          sent.push(read)
        }
        if (stalled === 'up' || stalled === 'both' || !session) return
        if (read.ns === NS_SM) {
          if (read.name === 'a') acknowledged(session, Number(read.attrs['h']))
          else if (read.name === 'r' && server.answers) stream.word(`<a xmlns='${NS_SM}' h='${session.handled}'/>`)
          return
        }
        if (read.ns === NS_CSI) return
        session.handled += 1
        onSent?.(read, stream)
      },
      close() {
        closed = true
        leave(true)
      },
      drop() {
        leave(false)
      },
    }

    const told = (): Pick<Bound, 'mechanism' | 'clientState' | 'inactive' | 'carbons'> => ({
      mechanism: server.mechanism,
      clientState: server.clientState,
      ...(server.inline && { carbons: true, inactive: server.clientState && (credentials.inactive ?? false) }),
    })
    const refusesDowngrade = (): boolean =>
      server.mechanism !== undefined &&
      credentials.strongest !== undefined &&
      !credentials.allowDowngrade &&
      isStronger(credentials.strongest, server.mechanism)

    const answer = (): void => {
      const reached = server.reachable && (!services || credentials.service.some((each) => services.includes(each)))
      if (!reached) stream.end('unreachable', 'no address answers')
      else if (accounts && accounts[credentials.account] !== credentials.password) stream.end('not-authorized', 'wrong')
      else if (refusesDowngrade()) stream.end('not-authorized', 'weaker than before')
      else stream.online()
    }
    figures.connections += 1
    if (signIn === 'at-once') queueMicrotask(answer)
    return stream
  }

  return {
    connect(credentials, listener) {
      const stream = begin(credentials, listener)
      if (options.keeps === 'nothing') streams.length = 0
      streams.push(stream)
      return stream
    },
    figures: () => ({ ...figures }),
    streams,
    sent,
    server,
    forget() {
      for (const session of sessions) if (!session.connection) over(session)
    },
    get stream() {
      const last = streams.at(-1)
      if (!last) throw new Error('nobody has connected')
      return last
    },
  }
}
