import type { SignIn } from '../contract/api.ts'
import { type Failure, failure } from '../contract/errors.ts'
import type { AccountStatus } from '../contract/model.ts'
import type { TabId } from '../rooms/room.ts'
import type { Clock, PasswordPrint, PasswordPrints } from './ports.ts'
import type { Session } from './session.ts'

export interface SignInsWorld {
  readonly account: string
  readonly session: Pick<Session, 'idle' | 'status' | 'signIn' | 'nudge'>
  readonly prints: PasswordPrints
  readonly clock: Clock
  /** Wants the password from one of those tabs, the one that the person was at last. @returns which one */
  readonly ask: (tabs: ReadonlySet<TabId>) => TabId | undefined
}

/** Hears what became of a sign-in. */
type OnSignedIn = (error: Failure | undefined) => void

/** A tab that has no password: somebody else is asked for it, or is about to give it. */
interface Waiting {
  readonly tab: TabId
  readonly goOn: () => void
}

/** After the death of a worker its tabs come one after the other: one that has no password waits for those that do. */
const OTHERS_MS = 3_000

/**
 * Which words the account is signed in with, of all that its tabs give: a further tab needs none, wrong ones keep that tab
 * out and disturb nobody, and one person is asked once.
 */
export class SignIns {
  readonly #world: SignInsWorld
  /** Of the password that the session was begun with. */
  #print: Promise<PasswordPrint> | undefined
  /** The tabs that can ask the person. */
  readonly #askable = new Set<TabId>()
  /** The one that does. */
  #asked: TabId | undefined
  #waiting: Waiting[] = []
  /** Those words were right once. */
  #wasOnline = false

  constructor(world: SignInsWorld) {
    this.#world = world
  }

  signIn(tab: TabId, words: SignIn, onSignedIn: OnSignedIn): void {
    if (words.asks) this.#askable.add(tab)
    else this.#forgoes(tab)
    if (words.password === undefined) this.#attach(tab, words, onSignedIn)
    else void this.#compare(words, words.password, onSignedIn)
  }

  tabGone(tab: TabId): void {
    this.#waiting = this.#waiting.filter((each) => each.tab !== tab)
    this.#forgoes(tab)
  }

  /** A password that was right, and is not any more, is asked for once; whatever comes of that. */
  statusIs(status: AccountStatus): void {
    if (status === 'online') this.#wasOnline = true
    else if (status === 'offline') this.#end()
    else if (status === 'refused' && this.#wasOnline) {
      this.#wasOnline = false
      this.#asked = this.#world.ask(this.#askable)
    }
  }

  #end(): void {
    this.#print = undefined
    this.#wasOnline = false
  }

  #attach(tab: TabId, words: SignIn, onSignedIn: OnSignedIn): void {
    const { session } = this.#world
    if (session.idle) return this.#want(tab, words, onSignedIn)
    session.signIn(words, (error) => {
      if (error?.code === 'not-authorized' && words.asks) this.#want(tab, words, onSignedIn)
      else onSignedIn(error)
    })
  }

  /** There is no connection, and this tab has no password for one: it is told so if it is the one to ask for it. */
  #want(tab: TabId, words: SignIn, onSignedIn: OnSignedIn): void {
    const { session, clock } = this.#world
    const { asks = false, again } = words
    if (!asks && !again) return session.signIn(words, onSignedIn)
    if (asks && (this.#asked === undefined || this.#asked === tab)) {
      this.#asked = tab
      return session.signIn(words, onSignedIn)
    }
    const waiting: Waiting = { tab, goOn: () => this.#attach(tab, words, onSignedIn) }
    this.#waiting.push(waiting)
    if (asks) return
    clock.after(OTHERS_MS, () => {
      if (!this.#waiting.includes(waiting)) return
      this.#waiting = this.#waiting.filter((each) => each !== waiting)
      session.signIn(words, onSignedIn)
    })
  }

  /** It will not ask, or has nobody to ask: then another tab may. */
  #forgoes(tab: TabId): void {
    this.#askable.delete(tab)
    if (this.#asked === tab) this.#nextQuestion()
  }

  #nextQuestion(): void {
    this.#asked = undefined
    const waiting = this.#waiting
    this.#waiting = []
    for (const { goOn } of waiting) goOn()
  }

  async #compare(words: SignIn, password: string, onSignedIn: OnSignedIn): Promise<void> {
    for (;;) {
      const print = this.#print
      const same = print === undefined || (await this.#isSame(print, password))
      // Whoever was quicker may have begun with other words.
      if (print === this.#print) return this.#decide(words, same, onSignedIn)
    }
  }

  async #isSame(print: Promise<PasswordPrint>, password: string): Promise<boolean> {
    try {
      return await this.#world.prints.matches(await print, password)
    } catch {
      return false // what cannot be compared lets nobody in
    }
  }

  #decide(words: SignIn, same: boolean, onSignedIn: OnSignedIn): void {
    const { session } = this.#world
    if (session.idle) {
      const tried = same && session.status === 'refused'
      // A person may insist; what a tab does by itself is not tried again.
      return tried && words.again ? onSignedIn(this.#wrong()) : this.#begin(words, onSignedIn)
    }
    if (same) return session.signIn(words, onSignedIn)
    // Others are in, or on their way, with other words. If theirs are right, these are wrong; if not, it is their turn.
    session.nudge()
    const { password = '', ...without } = words
    session.signIn(without, (error) => {
      if (!error) onSignedIn(this.#wrong())
      else if (error.code === 'not-authorized') void this.#compare(words, password, onSignedIn)
      else onSignedIn(error)
    })
  }

  #begin(words: SignIn, onSignedIn: OnSignedIn): void {
    const print = this.#world.prints.print(words.password ?? '')
    print.catch(() => undefined) // whoever compares hears of it
    this.#print = print
    this.#world.session.signIn(words, onSignedIn)
    this.#nextQuestion()
  }

  #wrong(): Failure {
    return failure('not-authorized', `sign in ${this.#world.account}: this is not the password of the account`)
  }
}
