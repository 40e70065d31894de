import type { StreamEnd, Upstream } from '../broker/ports.ts'
import { utf8Length } from '../protocol/utf8.ts'
import { el, type XmlNode } from '../protocol/xml.ts'
import { readFrame } from './frame-reader.ts'
import { writeFrame } from './frame-writer.ts'
import { endOfStreamError, isStreamClose, NS_FRAMING } from './stream-end.ts'

/** No stanza is that long; what is longer wants to exhaust somebody's memory. */
const LONGEST_BYTES = 1_048_576

export type Figures = ReturnType<Upstream['figures']>

export interface SocketListener {
  readonly onOpen: () => void
  readonly onNode: (node: XmlNode) => void
  /**
   * The last word: once, and nothing after it.
   *
   * @param elsewhere where the server would have us connect instead (RFC 7395 section 3.6.1)
   */
  readonly onEnd: (end: StreamEnd, elsewhere?: string) => void
}

/**
 * One WebSocket of XMPP (RFC 7395): each frame is one element, there and back, and the stream ends with the socket.
 *
 * @throws DOMException where the browser opens no connection to such an address
 */
export class FramedSocket {
  readonly #socket: WebSocket
  readonly #figures: Figures
  readonly #listener: SocketListener
  #over = false

  constructor(service: string, figures: Figures, listener: SocketListener) {
    this.#socket = new WebSocket(service, ['xmpp'])
    this.#figures = figures
    this.#listener = listener
    figures.connections += 1
    this.#socket.addEventListener('open', () => {
      if (!this.#over) listener.onOpen()
    })
    this.#socket.addEventListener('message', ({ data }) => this.#onFrame(data))
    this.#socket.addEventListener('error', () => this.#end({ cause: 'closed', text: 'the connection failed' }))
    this.#socket.addEventListener('close', () => this.#end({ cause: 'closed', text: 'the connection was closed' }))
  }

  /** What is written to a socket that is not open is lost: its end tells. */
  write(node: XmlNode): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return
    const frame = writeFrame(node)
    this.#figures.framesOut += 1
    this.#figures.bytesOut += utf8Length(frame)
    this.#socket.send(frame)
  }

  /** `<close/>` tells the server that the session is over (RFC 7395 section 3.6); it answers, and closes the socket. */
  close(): void {
    this.#over = true
    this.write(el(NS_FRAMING, 'close'))
    this.#socket.close(1000)
  }

  /** Lets go of the socket; the server may keep the session. */
  drop(): void {
    this.#over = true
    this.#socket.close()
  }

  #onFrame(frame: unknown): void {
    if (this.#over) return
    const bytes = typeof frame === 'string' ? utf8Length(frame) : 0
    this.#figures.framesIn += 1
    this.#figures.bytesIn += bytes
    const node = typeof frame === 'string' && bytes <= LONGEST_BYTES ? readFrame(frame) : undefined
    if (!node) return this.#end({ cause: 'malformed', text: `a frame of ${bytes} bytes is not one element of XMPP` })
    if (isStreamClose(node)) {
      return this.#end({ cause: 'closed', text: 'the server closed the stream' }, node.attrs['see-other-uri'])
    }
    const end = endOfStreamError(node)
    if (end) this.#end(end)
    else this.#listener.onNode(node)
  }

  #end(end: StreamEnd, elsewhere?: string): void {
    if (this.#over) return
    this.drop()
    this.#listener.onEnd(end, elsewhere)
  }
}
