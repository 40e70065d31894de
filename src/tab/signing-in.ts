import { MinimixError } from '../contract/errors.ts'

export type Password = string | (() => Promise<string>)

/** What is said of the password when a tab signs in. */
export interface PasswordWords {
  readonly password?: string
  readonly asks: boolean
}

/** Gives this tab's password to the worker, and asks the person for it where it is this tab's turn. */
export class SigningIn {
  #password: Password | undefined
  readonly #say: (words: PasswordWords) => Promise<unknown>
  /** What the person is asked for now. */
  #answer: Promise<string> | undefined

  /** @param say one sign-in at the worker */
  constructor(password: Password | undefined, say: (words: PasswordWords) => Promise<unknown>) {
    this.#password = password
    this.#say = say
  }

  /** A password that must be asked for is asked for only where no other tab has signed in. */
  async signIn(): Promise<void> {
    const password = this.#password
    if (typeof password === 'string') await this.#say({ password, asks: false })
    else {
      try {
        await this.#say({ asks: password !== undefined })
      } catch (error) {
        if (!password || !(error instanceof MinimixError) || error.code !== 'credentials-required') throw error
        await this.#ask(password)
      }
    }
  }

  /** The password that was right is wrong by now: the person at this tab is asked for another. */
  async wanted(): Promise<void> {
    if (typeof this.#password === 'function') await this.#ask(this.#password)
  }

  /** A password that turned out to be wrong is kept by nobody. */
  refused(): void {
    if (typeof this.#password === 'string') this.#password = undefined
  }

  async #ask(password: () => Promise<string>): Promise<void> {
    this.#answer ??= password().finally(() => {
      this.#answer = undefined
    })
    const given = await this.#answer.catch((error: unknown) => {
      // Another tab may ask.
      this.#say({ asks: false }).catch(() => undefined)
      throw error
    })
    await this.#say({ password: given, asks: true })
  }
}
