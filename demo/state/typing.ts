/** Without a key for so long, somebody thinks rather than types. */
const PAUSE_MS = 6_000
/** The SDK's word lasts for 30 s. */
const AGAIN_MS = 15_000

/** Tells that the person types, no more often than is needed, and when they stop. */
export class Typing {
  readonly #tell: (typing: boolean) => void
  #toldAtMs: number | undefined
  #pause: ReturnType<typeof setTimeout> | undefined

  constructor(tell: (typing: boolean) => void) {
    this.#tell = tell
  }

  /** What is in the field is another text now. */
  changed(text: string): void {
    clearTimeout(this.#pause)
    if (text === '') return this.stop()
    this.#pause = setTimeout(() => this.stop(), PAUSE_MS)
    if (this.#toldAtMs !== undefined && Date.now() - this.#toldAtMs < AGAIN_MS) return
    this.#toldAtMs = Date.now()
    this.#tell(true)
  }

  stop(): void {
    clearTimeout(this.#pause)
    if (this.#toldAtMs === undefined) return
    this.#toldAtMs = undefined
    this.#tell(false)
  }

  /** A message says it by itself. */
  said(): void {
    clearTimeout(this.#pause)
    this.#toldAtMs = undefined
  }
}
