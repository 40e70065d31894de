/** The browsers in which the tests run. */
export type BrowserKind = 'chromium' | 'firefox' | 'webkit'

/** What not every browser can do, or lets tests do, in words that end "the browser has no …". */
export const BROWSER_FEATURES = [
  'worker that outlives its tabs',
  'way to crash one tab',
  'way to freeze one tab',
  'way to stop a worker',
  'worker that has a last word',
  'process for each of many tabs',
  'page that is kept',
] as const

export type BrowserFeature = (typeof BROWSER_FEATURES)[number]

/** A browser, whichever it is and by whatever it is driven. */
export interface TestBrowser {
  readonly kind: BrowserKind
  readonly version: string
  /** What tests can do with it that not every browser lets them do. */
  readonly can: ReadonlySet<BrowserFeature>
  /** Whether its tools cannot end a worker: then the worker itself must have a way (`mortal-worker.ts`). */
  readonly mortalWorkers: boolean
  /** A person's part of it: its tabs share workers, stores and locks, and nothing with those of another one. */
  newProfile(options?: ProfileOptions): Promise<TestProfile>
  close(): Promise<void>
}

export interface ProfileOptions {
  /** Goes back to a page as it was left (bfcache); in some browsers only then. */
  readonly keepsPages?: boolean
  /** In a browser of its own, which can be stopped without harm to others. */
  readonly apart?: boolean
}

export interface TestProfile<P extends TestPage = TestPage> {
  readonly faults: Faults<P>
  newPage(): Promise<P>
  close(): Promise<void>
}

/** One page, as far as all browsers can be driven; a page of Playwright is one. */
export interface TestPage {
  readonly mouse: { click(x: number, y: number): Promise<void> }
  /** The value of an expression, when it has come. */
  evaluate<R>(source: string): Promise<R>
  /** The result of a function that runs in the page: it sees what it is given and nothing else. */
  evaluate<R>(work: () => R | Promise<R>): Promise<R>
  evaluate<A, R>(work: (given: A) => R | Promise<R>, given: A): Promise<R>
  waitForFunction(test: () => unknown): Promise<unknown>
  waitForFunction<A>(test: (given: A) => unknown, given: A, options?: { timeout?: number }): Promise<unknown>
  goto(url: string): Promise<unknown>
  reload(): Promise<unknown>
  close(): Promise<void>
}

/** A SharedWorker, or one of a page alone. */
export type WorkerKind = 'shared_worker' | 'worker'

/** What can go wrong with a page, and how that is brought about. */
export interface Faults<P extends TestPage> {
  /** Ends the page's process at once, as a crash does. */
  crash(page: P): Promise<void>
  /** Stops whatever runs in the page, as a browser freezes a tab. @returns lets it go on */
  freeze(page: P): Promise<() => Promise<void>>
  /** Ends the worker of the page's profile at once, as a crash of its process does. */
  killWorker(page: P): Promise<void>
  /**
   * Stops the workers of that kind in the page's profile at their next step: as one that hangs, or whose page is frozen,
   * they keep their locks and do nothing. @returns lets them go on
   */
  stopWorkers(page: P, kind: WorkerKind): Promise<() => Promise<void>>
  countWorkers(page: P, kind: WorkerKind): Promise<number>
  /** Lets the SharedWorker of the page's profile take memory until there is none. */
  exhaustWorker(page: P): Promise<void>
  /** Stops every process of the browser, as a laptop that sleeps does. @returns lets them go on */
  stopWorld(page: P): Promise<() => void>
}
