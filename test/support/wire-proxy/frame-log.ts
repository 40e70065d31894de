import { parseFrame } from '../ltx.ts'

/** `up` is from client to server, `down` from server to client. */
export type Direction = 'up' | 'down'

/** One WebSocket frame as its sender sent it, whatever a fault or a rule made of it afterwards. */
export type Frame = {
  /** Counts from 0 over all connections and both directions, also while the log is off. */
  readonly n: number
  /** Which connection of the proxy, counted from 1. */
  readonly connection: number
  readonly dir: Direction
  readonly text: string
  /** Of the payload, in UTF-8. */
  readonly bytes: number
  /** When the proxy had it: milliseconds since the epoch, with fractions. */
  readonly atMs: number
}

/** What came through since the start of the proxy. */
export type FrameCounts = {
  readonly framesUp: number
  readonly framesDown: number
  readonly bytesUp: number
  readonly bytesDown: number
  /** Join presences sent by clients (XEP-0045 §7.2); a join done again counts again. */
  readonly joins: number
}

const NS_MUC = 'http://jabber.org/protocol/muc'

type Waiter = { readonly see: (frame: Frame) => void; readonly fail: (reason: string) => void }

/** Every frame that came to the proxy, counted, and kept as long as `enabled`. */
export class FrameLog {
  /** Set to `false` for long runs: frames are counted and waited for still, but not kept. */
  enabled = true
  readonly #waiters = new Set<Waiter>()
  #kept: Frame[] = []
  #next = 0
  #counts = { framesUp: 0, framesDown: 0, bytesUp: 0, bytesDown: 0, joins: 0 }

  /** The frames that were kept, oldest first. */
  get all(): readonly Frame[] {
    return this.#kept
  }

  /** A place in the log: the number of the next frame. It stays good after `clear`. */
  mark(): number {
    return this.#next
  }

  /** The frames kept since a mark, oldest first. */
  since(mark: number): readonly Frame[] {
    return this.#kept.filter((frame) => frame.n >= mark)
  }

  /** Forgets the frames kept so far; counts and marks go on. */
  clear(): void {
    this.#kept = []
  }

  counts(): FrameCounts {
    return { ...this.#counts }
  }

  /** Counts and keeps a frame that has just come. */
  record(connection: number, dir: Direction, data: Buffer): Frame {
    const text = data.toString('utf8')
    const atMs = performance.timeOrigin + performance.now()
    const frame: Frame = { n: this.#next++, connection, dir, text, bytes: data.length, atMs }
    if (dir === 'up') {
      this.#counts.framesUp++
      this.#counts.bytesUp += frame.bytes
      if (isJoin(text)) this.#counts.joins++
    } else {
      this.#counts.framesDown++
      this.#counts.bytesDown += frame.bytes
    }
    if (this.enabled) this.#kept.push(frame)
    for (const waiter of [...this.#waiters]) waiter.see(frame)
    return frame
  }

  /**
   * The first frame for which the predicate holds, among those kept since `sinceMark` and those still to come.
   *
   * @throws Error at the deadline, or when the proxy closes
   */
  waitFor(predicate: (frame: Frame) => boolean, deadlineMs: number, sinceMark = 0): Promise<Frame> {
    const found = this.since(sinceMark).find(predicate)
    if (found) return Promise.resolve(found)
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(timer)
        this.#waiters.delete(waiter)
        settle()
      }
      const fail = (reason: string) => end(() => reject(new Error(`no such frame: ${reason}\n${this.#tail()}`)))
      const timer = setTimeout(() => fail(`none within ${deadlineMs} ms`), deadlineMs)
      const see = (frame: Frame) => {
        try {
          if (predicate(frame)) end(() => resolve(frame))
        } catch (error) {
          end(() => reject(error)) // a predicate that fails is the fault of the one who waits, not of the proxy
        }
      }
      const waiter: Waiter = { see, fail }
      this.#waiters.add(waiter)
    })
  }

  /** Fails all who still wait. */
  close(): void {
    for (const waiter of [...this.#waiters]) waiter.fail('the proxy was closed')
  }

  #tail(): string {
    const last = this.#kept.slice(-5)
    return last.map(({ n, connection, dir, text }) => `  ${n} #${connection} ${dir} ${text.slice(0, 300)}`).join('\n')
  }
}

/** The search for the namespace comes first: parsing every frame would slow the proxy down. */
function isJoin(text: string): boolean {
  if (!text.includes(NS_MUC)) return false
  try {
    const stanza = parseFrame(text)
    return stanza.is('presence') && !stanza.attrs['type'] && stanza.getChild('x', NS_MUC) !== undefined
  } catch {
    return false // a frame that is no XML joins nothing
  }
}
