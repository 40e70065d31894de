import { WebSocket } from 'ws'
import { type Element, el, parseFrame } from '../ltx.ts'

/** How the connection of a raw client ended. */
export type Ending = {
  /** Of the WebSocket: 1006 when it broke off without a Close frame. */
  readonly code: number
  /** The `<stream:error/>` before it, if there was one; `<malformed/>` holds a frame that is no XML. */
  readonly error: Element | undefined
}

/** An XMPP stream over WebSocket (RFC 7395), one element a frame, each parsed by itself. */
export class Wire {
  /** Resolves when the connection is gone, for whatever reason. */
  readonly ended: Promise<Ending>
  readonly #socket: WebSocket
  /** Takes each element as it comes; until it is set, elements wait in the inbox for `next`. */
  #take: ((element: Element) => void) | undefined
  readonly #inbox: Element[] = []
  #wake: () => void = () => undefined
  #error: Element | undefined

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (data) => this.#receive(String(data)))
    this.ended = new Promise((resolve) => {
      socket.once('close', (code) => {
        resolve({ code, error: this.#error })
        this.#wake()
      })
    })
    socket.on('error', () => undefined) // 'close' follows
  }

  /** An open WebSocket; nothing has been said on it yet. */
  static open(url: string, deadlineMs: number): Promise<Wire> {
    // two frames must not come in one turn of the event loop: what is done for the first would come too late
    const socket = new WebSocket(url, 'xmpp', { allowSynchronousEvents: false, handshakeTimeout: deadlineMs })
    const wire = new Wire(socket)
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(wire))
      socket.once('error', (error) => reject(new Error(`no WebSocket to ${url}: ${error.message || error.name}`)))
    })
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN
  }

  send(text: string): void {
    this.#socket.send(text)
  }

  /** The next element of the stream's negotiation. @throws Error at the deadline, or when the connection ends */
  async next(what: string, deadlineMs: number): Promise<Element> {
    const lastMs = performance.now() + deadlineMs
    for (;;) {
      const element = this.#inbox.shift()
      if (element) return element
      if (this.#socket.readyState === WebSocket.CLOSED) throw new Error(`${what}: the connection ended`)
      await this.#news(what, lastMs - performance.now())
    }
  }

  /** From now on each element goes to `take`, those that waited first. */
  deliverTo(take: (element: Element) => void): void {
    for (const element of this.#inbox.splice(0)) take(element)
    this.#take = take
  }

  /** Sends a Close frame. */
  close(): void {
    this.#socket.close(1000)
  }

  /** Destroys the socket without a word. */
  drop(): void {
    this.#socket.terminate()
  }

  #receive(text: string): void {
    let element: Element
    try {
      element = parseFrame(text)
    } catch {
      this.#error = el('malformed', {}, text)
      this.drop()
      return
    }
    if (element.is('error', 'http://etherx.jabber.org/streams')) this.#error = element
    if (this.#take) this.#take(element)
    else this.#inbox.push(element)
    this.#wake()
  }

  #news(what: string, deadlineMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${what}: nothing came in time`)), deadlineMs)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
