import { isStronger } from '../account/sasl.ts'
import { bareOf } from '../protocol/jid.ts'
import type { Bound, Upstream } from './ports.ts'

export interface IdentityWorld {
  /** Bare JID, or a domain whose server makes up an account for us. */
  readonly account: string
  readonly upstream: Upstream
  /** Writes down by which mechanism the account has been signed in. */
  readonly save: (mechanism: string) => void
  /** Whether any tab is looked at. */
  readonly isShown: () => boolean
}

/** Who we are to the server, and how well that was proved: what each sign-in teaches, and the next one must keep to. */
export class Identity {
  readonly #world: IdentityWorld
  /** The way to the server, that goes not below what is known of this account. */
  readonly upstream: Upstream
  #bareJid: string
  #strongest: string | undefined
  #bound: Pick<Bound, 'clientState' | 'inactive' | 'carbons' | 'rosterVersions'> = {}

  constructor(world: IdentityWorld) {
    this.#world = world
    this.#bareJid = world.account
    const { upstream } = world
    this.upstream = {
      figures: () => upstream.figures(),
      connect: (credentials, listener) =>
        upstream.connect(
          { ...credentials, strongest: this.#strongest, inactive: !world.isShown() },
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

  /** What the server of this session does, and has heard, by the sign-in. */
  get bound(): Pick<Bound, 'clientState' | 'inactive' | 'carbons' | 'rosterVersions'> {
    return this.#bound
  }

  /** What the worker before wrote down. */
  restored(strongest: string | undefined): void {
    this.#strongest = strongest
  }

  #learn(bound: Bound, allowDowngrade: boolean): void {
    const { fullJid, mechanism } = bound
    this.#bareJid = bareOf(fullJid)
    this.#bound = bound
    if (mechanism === undefined || mechanism === this.#strongest) return
    // One that we do not rank forbids nothing.
    if (!isStronger(mechanism, this.#strongest) && !(allowDowngrade && isStronger(mechanism, undefined))) return
    this.#strongest = mechanism
    this.#world.save(mechanism)
  }
}
