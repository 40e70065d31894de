import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { type Direction, type Frame, type FrameCounts, FrameLog } from './wire-proxy/frame-log.ts'
import { answer, type FrontDoor, openFrontDoor, type Refusal } from './wire-proxy/front-door.ts'
import type { Gates } from './wire-proxy/lane.ts'
import { type Cut, Link, type Verdict } from './wire-proxy/link.ts'
import { Side } from './wire-proxy/side.ts'

export type { Direction, Frame } from './wire-proxy/frame-log.ts'
export type { Refusal } from './wire-proxy/front-door.ts'
export type { Cut, Verdict } from './wire-proxy/link.ts'

/** What came through since the start. Frames and bytes are counted as sent, before any fault. */
export type Figures = FrameCounts & {
  /** WebSockets ever opened through the proxy. */
  readonly connections: number
  /** How many of them are open, as far as their clients can know. */
  readonly open: number
}

/** `ws` must not deliver two frames in one turn of the event loop: what is done for the first would come too late. */
const WS_OPTIONS = { perMessageDeflate: false, allowSynchronousEvents: false, autoPong: false } as const

/**
 * A running proxy of WebSocket frames in front of `target`, on a port of its own, without any fault as yet.
 *
 * Everything is passed on, in order and end to end: subprotocol, frames, pings, Close frames, and broken connections.
 */
export async function startWireProxy({ target }: { readonly target: string }): Promise<WireProxy> {
  return new WireProxy(target, await openFrontDoor())
}

/** A proxy of WebSocket frames that counts, keeps and harms what goes through it; one frame is one stanza. */
export class WireProxy implements AsyncDisposable {
  /** All frames, with `mark()`, `since(mark)`, `clear()` and `enabled`. */
  readonly frames = new FrameLog()
  readonly #target: string
  readonly #gates: Gates = {
    up: { stalled: false, swallowing: false, delayMs: 0 },
    down: { stalled: false, swallowing: false, delayMs: 0 },
  }
  readonly #links = new Map<number, Link>()
  readonly #rules: ((frame: Frame) => Verdict)[] = []
  readonly #pending = new Set<Side>()
  readonly #accepted = new WeakMap<IncomingMessage, string>()
  readonly #webSockets = new WebSocketServer({
    ...WS_OPTIONS,
    noServer: true,
    clientTracking: false,
    WebSocket: Side,
    handleProtocols: (_, request) => this.#accepted.get(request) || false,
  })
  readonly #door: FrontDoor
  /** Where clients connect. */
  readonly url: string
  /** How long each frame is under way, each way; settable. A frame never overtakes an earlier one. */
  readonly delayMs: Record<Direction, number> = delays(this.#gates)
  #connections = 0

  /** To be had by `startWireProxy`. */
  constructor(target: string, door: FrontDoor) {
    this.#target = target
    this.#door = door
    this.url = `ws://localhost:${door.port}/xmpp-websocket`
    door.onUpgrade = (request, socket, head) => this.#connect(request, socket, head)
  }

  figures(): Figures {
    const open = [...this.#links.values()].filter((link) => link.open).length
    return { connections: this.#connections, open, ...this.frames.counts() }
  }

  /**
   * The first frame for which the predicate holds: of those in the log since `sinceMark` (0 unless said), or to come.
   *
   * @throws Error at the deadline, or when the proxy closes
   */
  waitForFrame(predicate: (frame: Frame) => boolean, deadlineMs: number, sinceMark = 0): Promise<Frame> {
    return this.frames.waitFor(predicate, deadlineMs, sinceMark)
  }

  /** Cuts one connection, or all. What is on its way to a side that is cut off is lost. */
  cut({ connection, ...cut }: Cut & { readonly connection?: number }): void {
    for (const [number, link] of this.#links) if (connection === undefined || connection === number) link.cut(cut)
  }

  /** Holds back all that comes in that direction, on all connections, until `release`: then it is delivered in order. */
  stall(direction: Direction): void {
    this.#gates[direction].stalled = true
  }

  /** Loses all that comes in that direction, on all connections, until `release`; broken connections go unnoticed too. */
  swallow(direction: Direction): void {
    this.#gates[direction].swallowing = true
  }

  /** Ends `stall` and `swallow` of that direction. */
  release(direction: Direction): void {
    Object.assign(this.#gates[direction], { stalled: false, swallowing: false })
    for (const link of this.#links.values()) link.lanes[direction].pump()
  }

  /** What new connections meet: `true` a reset, `{ status }` an HTTP answer, `{ hang: true }` silence, `false` nothing. */
  refuse(how: Refusal): void {
    this.#door.refusal = how
  }

  /** Lets `judge` decide on each frame; the first rule that does not say `pass` wins. @returns takes it off again */
  rule(judge: (frame: Frame) => Verdict): () => void {
    const rule = (frame: Frame) => judge(frame)
    this.#rules.push(rule)
    return () => {
      const at = this.#rules.indexOf(rule)
      if (at >= 0) this.#rules.splice(at, 1)
    }
  }

  /**
   * Says something to the clients in the server's place, behind all that it has said; not in the log, and not counted by
   * the server.
   */
  say(text: string): void {
    for (const link of this.#links.values()) link.say(text)
  }

  /** Ends everything at once: connections without a word, waits with an error. No timer and no socket is left. */
  async close(): Promise<void> {
    this.frames.close()
    for (const link of this.#links.values()) link.destroy()
    for (const side of this.#pending) side.terminate()
    this.#webSockets.close()
    await this.#door.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** The server first: a client whose server cannot be reached must not see an open connection. */
  #connect(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { origin, 'sec-websocket-protocol': offered = '' } = request.headers
    const protocols = offered.split(',').flatMap((name) => name.trim() || [])
    const server = new Side(this.#target, protocols, { ...WS_OPTIONS, ...(origin ? { origin } : {}) })
    const giveUp = () => server.terminate()
    this.#pending.add(server)
    request.socket.once('close', giveUp)
    server.once('upgrade', (response) => {
      server.tcp = response.socket
    })
    server.once('unexpected-response', (_, response) => {
      answer(socket, response.statusCode ?? 502)
      server.terminate()
    })
    server.on('error', () => undefined) // 'close' follows
    server.once('close', () => {
      if (this.#pending.delete(server) && !socket.writableEnded) request.socket.resetAndDestroy()
    })
    server.once('open', () => {
      this.#pending.delete(server)
      request.socket.off('close', giveUp)
      this.#accepted.set(request, server.protocol)
      this.#webSockets.handleUpgrade(request, socket, head, (client) => {
        client.tcp = request.socket
        this.#link(client, server)
      })
    })
  }

  #link(client: Side, server: Side): void {
    const number = ++this.#connections
    const judge = (frame: Frame): Verdict => {
      for (const rule of this.#rules) {
        const verdict = rule(frame)
        if (verdict !== 'pass') return verdict
      }
      return 'pass'
    }
    const onGone = () => this.#links.delete(number)
    this.#links.set(number, new Link({ number, client, server, gates: this.#gates, log: this.frames, judge, onGone }))
  }
}

function delays(gates: Gates): Record<Direction, number> {
  return {
    get up() {
      return gates.up.delayMs
    },
    set up(ms) {
      gates.up.delayMs = ms
    },
    get down() {
      return gates.down.delayMs
    },
    set down(ms) {
      gates.down.delayMs = ms
    },
  }
}
