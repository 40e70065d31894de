import { type Account, type AccountStatus, type ConnectOptions, connect, MinimixError } from '../index.ts'
import { Subscribers } from './snapshots.ts'

/** Where an account stands that somebody asked for. */
export interface ConnectionState {
  /** There once it is online for the first time. */
  readonly account: Account | undefined
  readonly status: AccountStatus
  /** Why it is not online, where it cannot come to be by itself. */
  readonly error: MinimixError | undefined
}

export const UNCONNECTED: ConnectionState = { account: undefined, status: 'offline', error: undefined }

/** An account that is connected as long as somebody looks, or one that is connected already. */
export class Connection {
  readonly #options: ConnectOptions | undefined
  readonly #subscribers: Subscribers
  #life = new AbortController()
  #state: ConnectionState

  constructor(of: ConnectOptions | Account) {
    this.#options = isAccount(of) ? undefined : of
    this.#state = isAccount(of)
      ? { account: of, status: of.status, error: undefined }
      : { ...UNCONNECTED, status: 'connecting' }
    this.#subscribers = new Subscribers(
      () => this.#begin(),
      () => this.#end(),
    )
  }

  readonly subscribe = (listener: () => void): (() => void) => this.#subscribers.add(listener)

  snapshot(): ConnectionState {
    const { account, status } = this.#state
    // Between a look and a subscription it may have changed.
    if (account && account.status !== status) this.#state = { ...this.#state, status: account.status }
    return this.#state
  }

  /** Tries once more, where it has failed. */
  readonly retry = (): void => {
    if (!this.#options || this.#state.account || !this.#state.error || this.#life.signal.aborted) return
    this.#become({ ...UNCONNECTED, status: 'connecting' })
    this.#connect(this.#options)
  }

  #begin(): void {
    this.#life = new AbortController()
    if (this.#options) this.#connect(this.#options)
    else this.#watch(this.#state.account, this.#life.signal)
  }

  #end(): void {
    this.#life.abort()
    if (this.#options) this.#state = { ...UNCONNECTED, status: 'connecting' }
  }

  #connect(options: ConnectOptions): void {
    const { signal } = this.#life
    const failed = (error: unknown): void => {
      if (!(error instanceof MinimixError)) throw error
      if (!signal.aborted) this.#become({ account: undefined, status: error.retry ? 'offline' : 'refused', error })
    }
    try {
      connect({ ...options, signal }).then((account) => {
        if (signal.aborted) return
        this.#become({ account, status: account.status, error: undefined })
        this.#watch(account, signal)
      }, failed)
    } catch (error) {
      failed(error)
    }
  }

  #watch(account: Account | undefined, signal: AbortSignal): void {
    account?.on('status', ({ status, error }) => this.#become({ account, status, error }), { signal })
  }

  #become(state: ConnectionState): void {
    this.#state = state
    this.#subscribers.tell()
  }
}

/** Whichever made it: one of `minimix-web/testing` is of another class. */
export function isAccount(of: ConnectOptions | Account): of is Account {
  return 'room' in of && typeof of.room === 'function'
}
