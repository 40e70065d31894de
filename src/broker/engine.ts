import type { Broadcast, Clock, Locks } from './ports.ts'

/** Until one who does not answer has lost the account. */
const SILENT_MS = 1_000
/** How often the account may be passed on before our eyes until we give up. */
const TRIES = 5

/** What workers say to each other about who has an account. */
type EngineWord =
  | { readonly minimix: 'engine-wanted'; readonly account: string; readonly contract: number; readonly by: string }
  | { readonly minimix: 'engine-kept'; readonly account: string; readonly contract: number; readonly to: string }
  | { readonly minimix: 'engine-free'; readonly account: string; readonly to: string }

export type Claim =
  | { readonly ours: true }
  /** `contract`: of the worker that has the account, and keeps it. */
  | { readonly ours: false; readonly contract: number }

export interface EngineWorld {
  /** Bare JID. */
  readonly account: string
  readonly contract: number
  /** Of this worker, among all. */
  readonly name: string
  readonly locks: Locks
  readonly clock: Clock
  /** Where all workers of the origin hear each other. */
  readonly control: Broadcast
  /** Whether one of that contract may have the account: a newer one always, one of our own where nobody needs us. */
  readonly gives: (contract: number) => boolean
  /** Lets go of everything in order: what a resumption needs is stored, and the connection dropped, when it resolves. */
  readonly handOver: (contract: number) => Promise<void>
  /** Somebody took the account by force: nothing more may be sent or written. */
  readonly onStolen: () => void
}

/**
 * One engine an account, whatever URL its worker came from: it has the Web Lock of the account before it opens a socket
 * or writes to the store, and it gives it to a newer one.
 */
export class Engine {
  readonly #world: EngineWorld
  readonly #lock: string
  #letGo: (() => void) | undefined
  #giving: Promise<void> | undefined
  #onAnswer: ((answer: 'free' | { readonly contract: number }) => void) | undefined

  constructor(world: EngineWorld) {
    this.#world = world
    this.#lock = `minimix:engine:${world.account}`
    world.control.listen((word) => this.#heard(word))
  }

  get ours(): boolean {
    return this.#letGo !== undefined
  }

  /** Takes the account where nobody has it, where it is given, or where whoever has it does not answer. */
  async claim(): Promise<Claim> {
    for (let tries = 0; tries < TRIES; tries++) {
      if (this.#letGo || (await this.#take('holdIfFree'))) return { ours: true }
      const answer = await this.#ask()
      if (answer === 'silent') {
        // It may have died in the meantime; else it hangs, or is frozen.
        if ((await this.#take('holdIfFree')) || (await this.#take('steal'))) return { ours: true }
      } else if (answer !== 'free') return { ours: false, contract: answer.contract }
    }
    throw new Error(`the engine of ${this.#world.account} is passed on too often`)
  }

  release(): void {
    this.#letGo?.()
    this.#letGo = undefined
  }

  async #take(how: 'holdIfFree' | 'steal'): Promise<boolean> {
    let lost = false
    const letGo = await this.#world.locks[how](this.#lock, () => {
      lost = true
      this.#lost()
    })
    // Where two steal at once, one may be robbed before it hears that the lock was its own.
    this.#letGo = lost ? undefined : letGo
    return this.ours
  }

  #lost(): void {
    if (!this.#letGo) return
    this.#letGo = undefined
    this.#world.onStolen()
  }

  #ask(): Promise<'free' | 'silent' | { readonly contract: number }> {
    const { account, contract, name, clock, control } = this.#world
    return new Promise((resolve) => {
      const end = (answer: 'free' | 'silent' | { readonly contract: number }): void => {
        stop()
        this.#onAnswer = undefined
        resolve(answer)
      }
      const stop = clock.after(SILENT_MS, () => end('silent'))
      this.#onAnswer = end
      control.post({ minimix: 'engine-wanted', account, contract, by: name } satisfies EngineWord)
    })
  }

  #heard(data: unknown): void {
    const { account, name, contract, control, gives } = this.#world
    if (!isEngineWord(data) || data.account !== account) return
    if (data.minimix === 'engine-wanted') {
      if (!this.ours) return
      if (gives(data.contract)) void this.#give(data.contract, data.by)
      else control.post({ minimix: 'engine-kept', account, contract, to: data.by } satisfies EngineWord)
    } else if (data.to === name) this.#onAnswer?.(data.minimix === 'engine-free' ? 'free' : { contract: data.contract })
  }

  async #give(contract: number, to: string): Promise<void> {
    const { account, control } = this.#world
    this.#giving ??= this.#handOver(contract)
    await this.#giving.catch(() => undefined) // whoever has it next goes on with what there is
    control.post({ minimix: 'engine-free', account, to } satisfies EngineWord)
  }

  /** Whatever fails on the way, the account is not kept from whoever was promised it. */
  async #handOver(contract: number): Promise<void> {
    try {
      await this.#world.handOver(contract)
    } finally {
      this.release()
      this.#giving = undefined
    }
  }
}

function isEngineWord(value: unknown): value is EngineWord {
  if (typeof value !== 'object' || value === null) return false
  const { minimix, account, contract, by, to } = value as Record<string, unknown>
  if (typeof account !== 'string') return false
  if (minimix === 'engine-wanted') return typeof contract === 'number' && typeof by === 'string'
  if (minimix === 'engine-kept') return typeof contract === 'number' && typeof to === 'string'
  return minimix === 'engine-free' && typeof to === 'string'
}
