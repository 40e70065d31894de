import { isStronger } from '../account/sasl.ts'
import { bareOf } from '../protocol/jid.ts'
import type { Bound, Upstream } from './ports.ts'

export interface IdentityWorld {
  /** Bare JID, or a domain whose server makes up an account for us. */
  readonly account: string
  readonly upstream: Upstream
  /** Writes down by which mechanism the account has been signed in. */
  readonly save: (mechanism: string) => void
}

/** Who we are to the server, and how well that was proved: what each sign-in teaches, and the next one must keep to. */
export class Identity {
  readonly #world: IdentityWorld
  /** The way to the server, that goes not below what is known of this account. */
  readonly upstream: Upstream
  #bareJid: string
  #strongest: string | undefined
  #wantsClientState = false
  #versionsRosters = false

  constructor(world: IdentityWorld) {
    this.#world = world
    this.#bareJid = world.account
    const { upstream } = world
    this.upstream = {
      figures: () => upstream.figures(),
      connect: (credentials, listener) =>
        upstream.connect(
          { ...credentials, strongest: this.#strongest },
          {
            ...listener,
            onOnline: (bound) => {
              this.#learn(bound, credentials.allowDowngrade ?? false)
              listener.onOnline(bound)
            },
          },
        ),
    }
  }

  /** Ours; before the first sign-in without an account only its domain. */
  get bareJid(): string {
    return this.#bareJid
  }

  /** The server of this session wants to hear whether anybody looks. */
  get wantsClientState(): boolean {
    return this.#wantsClientState
  }

  /** The server of this session keeps versions of the roster. */
  get versionsRosters(): boolean {
    return this.#versionsRosters
  }

  /** What the worker before wrote down. */
  restored(strongest: string | undefined): void {
    this.#strongest = strongest
  }

  #learn({ fullJid, mechanism, clientState = false, rosterVersions = false }: Bound, allowDowngrade: boolean): void {
    this.#bareJid = bareOf(fullJid)
    this.#wantsClientState = clientState
    this.#versionsRosters = rosterVersions
    if (mechanism === undefined || mechanism === this.#strongest) return
    // One that we do not rank forbids nothing.
    if (!isStronger(mechanism, this.#strongest) && !(allowDowngrade && isStronger(mechanism, undefined))) return
    this.#strongest = mechanism
    this.#world.save(mechanism)
  }
}
