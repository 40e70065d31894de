import { beforeUse, type FastToken, isUsable } from '../account/fast-token.ts'
import type { SignIn } from '../contract/api.ts'
import type { LogLevel } from '../contract/model.ts'
import type { Store } from '../storage/store.ts'
import type { Clock, Credentials } from './ports.ts'

export interface RememberedWorld {
  /** Bare JID. */
  readonly account: string
  readonly store: Pick<Store, 'kind' | 'token' | 'write'>
  readonly clock: Pick<Clock, 'nowMs'>
  readonly log: (level: LogLevel, text: string) => void
}

/** What signs the account in without its password. One thing is done with it after the other. */
export class Remembered {
  readonly #world: RememberedWorld
  #last: Promise<unknown> = Promise.resolve()

  constructor(world: RememberedWorld) {
    this.#world = world
  }

  /** There is somewhere to keep it. */
  get possible(): boolean {
    return this.#world.store.kind === 'indexeddb'
  }

  has(): Promise<boolean> {
    return this.#then(async () => (await this.#read()) !== undefined)
  }

  /** As a tab gives them; what is asked to be remembered where nothing can be is not. */
  credentialsOf({ service, password, allowPlain, allowDowngrade, remember = false }: SignIn): Credentials {
    const { account } = this.#world
    return { account, service, password, allowPlain, allowDowngrade, ...(remember && this.possible && { remember }) }
  }

  /** To be used now, which is written down already: nobody can use it in the same way again. */
  async takeFor({ password, remember }: Credentials): Promise<FastToken | undefined> {
    if (!this.possible || (password !== undefined && !remember)) return undefined
    return this.#then(async () => {
      const token = await this.#read()
      return token && (await this.#write(beforeUse(token))) ? token : undefined
    })
  }

  /** In place of what was remembered; `undefined`: nothing is. */
  keep(token: FastToken | undefined): Promise<void> {
    return this.#then(async () => void (this.possible && (await this.#write(token))))
  }

  #then<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work)
    this.#last = done
    return done
  }

  async #read(): Promise<FastToken | undefined> {
    const { store, clock, log } = this.#world
    try {
      const token = await store.token()
      return token && isUsable(token, clock.nowMs()) ? token : undefined
    } catch (error) {
      log('error', `what is remembered cannot be read (${String(error)})`)
      return undefined
    }
  }

  /** By itself: some browsers do not store keys, which is to harm nothing else. @returns whether it is stored */
  async #write(row: FastToken | undefined): Promise<boolean> {
    const { store, log } = this.#world
    try {
      await store.write([{ put: 'token', row }])
      return true
    } catch (error) {
      log('error', `what is remembered cannot be written (${String(error)})`)
      return false
    }
  }
}
