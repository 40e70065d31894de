import { WebSocket } from 'ws'
import type { Direction, Frame, FrameLog } from './frame-log.ts'
import { type Gates, Lane } from './lane.ts'
import type { Side } from './side.ts'

/** What becomes of a frame. Frames behind a delayed one wait for it; `cut-*` cuts its connection on both sides. */
export type Verdict =
  | 'pass'
  | 'drop'
  | 'double'
  | 'cut-before'
  | 'cut-after'
  | { readonly replace: string }
  | { readonly delayMs: number }

/** How a connection is cut. */
export type Cut = {
  /** `reset`: TCP RST. `fin`: TCP FIN. `close`: a WebSocket Close frame. */
  readonly how: 'reset' | 'fin' | 'close'
  /** The code of the Close frame; 1000 unless said. */
  readonly code?: number
  /** Which side notices; the other one keeps a connection that leads nowhere. */
  readonly only?: 'both' | 'client' | 'server'
}

type Party = 'client' | 'server'

/** One connection through the proxy: a client's WebSocket with its counterpart to the server. */
export class Link {
  readonly lanes: Readonly<Record<Direction, Lane>>
  readonly #number: number
  readonly #sides: Readonly<Record<Party, Side>>
  readonly #log: FrameLog
  readonly #judge: (frame: Frame) => Verdict
  /** Sides that were cut off: nothing comes from them any more and nothing goes to them. */
  readonly #severed = new Set<Party>()

  constructor(options: {
    readonly number: number
    readonly client: Side
    readonly server: Side
    readonly gates: Gates
    readonly log: FrameLog
    readonly judge: (frame: Frame) => Verdict
    readonly onGone: () => void
  }) {
    const { client, server, gates } = options
    this.#number = options.number
    this.#sides = { client, server }
    this.#log = options.log
    this.#judge = options.judge
    this.lanes = { up: new Lane(gates.up), down: new Lane(gates.down) }
    this.#pipe('client', 'server', 'up')
    this.#pipe('server', 'client', 'down')
    const gone = () => {
      if (client.readyState === WebSocket.CLOSED && server.readyState === WebSocket.CLOSED) options.onGone()
    }
    client.once('close', gone)
    server.once('close', gone)
  }

  /** Whether the client's side is open, as far as the client can know. */
  get open(): boolean {
    const { client } = this.#sides
    return !this.#severed.has('client') && !client.heardClose && client.readyState === WebSocket.OPEN
  }

  /** Cuts it at once; what is still on its way to a side that is cut off is lost. */
  cut({ how, code = 1000, only = 'both' }: Cut): void {
    for (const party of only === 'both' ? (['client', 'server'] as const) : [only]) {
      this.#sever(party)
      const side = this.#sides[party]
      if (how === 'close') side.finish(code)
      else if (how === 'fin') side.tcp?.end()
      else side.tcp?.resetAndDestroy()
    }
  }

  /** Says something to the client as if the server had; it waits its turn in the lane. */
  say(text: string): void {
    const { client, server } = this.#sides
    if (!this.#severed.has('client')) this.lanes.down.push(() => this.#give(client, server, () => client.send(text)))
  }

  /** Ends both sides at once, with all that is on its way. */
  destroy(): void {
    for (const party of ['client', 'server'] as const) {
      this.#sever(party)
      this.#sides[party].terminate()
    }
  }

  #sever(party: Party): void {
    this.#severed.add(party)
    this.lanes[party === 'client' ? 'down' : 'up'].clear()
  }

  #pipe(from: Party, to: Party, dir: Direction): void {
    const source = this.#sides[from]
    const target = this.#sides[to]
    const lane = this.lanes[dir]
    const forward = (deliver: () => void, extraDelayMs?: number) => {
      if (!this.#severed.has(from) && !this.#severed.has(to)) lane.push(deliver, extraDelayMs)
    }
    source.on('error', () => undefined) // 'close' follows and is what counts
    source.on('message', (data) => {
      if (this.#severed.has(from)) return
      const frame = this.#log.record(this.#number, dir, data as Buffer) // a Buffer: the default binaryType of ws
      this.#carry(frame, (text, delayMs) => forward(() => this.#give(target, source, () => target.send(text)), delayMs))
    })
    source.on('ping', (data) => forward(() => this.#give(target, source, () => target.ping(data))))
    source.on('pong', (data) => forward(() => this.#give(target, source, () => target.pong(data))))
    source.onClose = (code, reason) => forward(() => target.finish(code, reason))
    source.once('close', () => {
      if (!source.heardClose) forward(() => target.terminate())
    })
  }

  /** Does with the frame what the rules say; cuts wait their turn in the lane. */
  #carry(frame: Frame, send: (text: string, delayMs: number) => void): void {
    const verdict = this.#judge(frame)
    if (verdict === 'drop') return
    if (verdict === 'cut-before') {
      this.lanes[frame.dir].push(() => this.cut({ how: 'reset' }))
      return
    }
    const [text, delayMs] = changed(frame, verdict)
    send(text, delayMs)
    if (verdict === 'double') send(text, 0)
    if (verdict === 'cut-after') this.lanes[frame.dir].push(() => this.#cutBehind(frame.dir))
  }

  /** What is sent to a side that has gone, unnoticed while the gate swallowed, breaks the connection, as by TCP. */
  #give(target: Side, source: Side, act: () => void): void {
    if (target.readyState === WebSocket.OPEN) act()
    else if (target.readyState === WebSocket.CLOSED) source.terminate()
  }

  /** The receiver gets a FIN, because a RST could overtake the frame; the sender gets the RST. */
  #cutBehind(dir: Direction): void {
    this.cut({ how: 'fin', only: dir === 'up' ? 'server' : 'client' })
    this.cut({ how: 'reset', only: dir === 'up' ? 'client' : 'server' })
  }
}

function changed(frame: Frame, verdict: Verdict): readonly [text: string, delayMs: number] {
  if (typeof verdict === 'string') return [frame.text, 0]
  return 'replace' in verdict ? [verdict.replace, 0] : [frame.text, verdict.delayMs]
}
