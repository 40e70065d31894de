import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { type Account, connect, type Inspection, type LogLevel, type LogRecord, MinimixError } from 'minimix-web'
import type { DemoConfig } from './config.ts'
import { way } from './connecting.ts'
import { recall } from './memory.ts'
import { chosenTheme } from './theme.ts'
import { inWords } from './words.ts'

/** What the page shows. */
export type InspectorStage =
  | { readonly at: 'asking'; readonly jid: string; readonly notice?: string }
  | { readonly at: 'attaching'; readonly jid: string }
  | { readonly at: 'looking'; readonly account: Account }

/** One look at the worker. */
export interface Look {
  readonly inspection: Inspection
  readonly atMs: number
}

/** From which level on records are shown; each holds those before it. */
export const LEVELS = ['error', 'warn', 'info', 'debug'] as const satisfies readonly LogLevel[]

const EVERY_MS = 1_000
/** A list that holds all the worker keeps would be drawn anew each second. */
const SHOWN_RECORDS = 200

/** A page that looks into the worker of an account, as one more of its tabs: in no room, and without a password. */
export class Inspector {
  readonly theme = chosenTheme()
  readonly look = signal<Look | undefined>(undefined)
  /** Why there is no newer look; the last one stays. */
  readonly trouble = signal<string | undefined>(undefined)
  readonly level: Signal<LogLevel> = signal('debug')
  readonly words = signal('')
  /** The records that match, newest first, and how many there are in all. */
  readonly records: ReadonlySignal<{ readonly shown: readonly LogRecord[]; readonly matching: number }>
  readonly #stage = signal<InspectorStage>({ at: 'asking', jid: '' })
  readonly #config: DemoConfig | undefined

  constructor(config: DemoConfig | undefined) {
    this.#config = config
    this.#stage.value = { at: 'asking', jid: accountInAddress() ?? recall()?.jid ?? '' }
    this.records = computed(() => {
      const matching = matches(this.look.value?.inspection.log ?? [], this.level.value, this.words.value)
      return { shown: matching.slice(-SHOWN_RECORDS).reverse(), matching: matching.length }
    })
  }

  get stage(): ReadonlySignal<InspectorStage> {
    return this.#stage
  }

  /** Attaches to the account that is known; where none is, or none of its tabs is signed in, the page asks. */
  async begin(): Promise<void> {
    const stage = this.#stage.value
    if (stage.at === 'asking' && stage.jid !== '') await this.attach(stage.jid)
  }

  async attach(jid: string): Promise<void> {
    this.#stage.value = { at: 'attaching', jid }
    try {
      const account = await connect({ jid, ...way(this.#config, this.#config?.service ?? '') })
      this.#watch(account)
      this.#stage.value = { at: 'looking', account }
    } catch (error) {
      const isSignedOut = error instanceof MinimixError && error.code === 'credentials-required'
      const notice = isSignedOut ? `No tab of ${jid} is signed in here. Sign in by the chat first.` : inWords(error)
      this.#stage.value = { at: 'asking', jid, notice }
    }
  }

  /** All that the worker says, as it says it. */
  get json(): string {
    return JSON.stringify(this.look.value?.inspection, null, 2)
  }

  #watch(account: Account): void {
    document.title = `${account.jid}, seen inside`
    let looking = false
    const look = async (): Promise<void> => {
      if (looking || document.visibilityState === 'hidden') return
      looking = true
      try {
        this.look.value = { inspection: await account.inspect(), atMs: Date.now() }
        this.trouble.value = undefined
      } catch (error) {
        this.trouble.value = inWords(error)
      } finally {
        looking = false
      }
    }
    setInterval(look, EVERY_MS)
    document.addEventListener('visibilitychange', look)
    void look()
  }
}

/** Records of that level and of graver ones, that have all the words. */
function matches(log: readonly LogRecord[], level: LogLevel, words: string): readonly LogRecord[] {
  const grave = LEVELS.slice(0, LEVELS.indexOf(level) + 1)
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
  return log.filter((record) => {
    const text = record.text.toLowerCase()
    return grave.some((each) => each === record.level) && wanted.every((word) => text.includes(word))
  })
}

function accountInAddress(): string | undefined {
  return new URLSearchParams(location.search).get('jid') || undefined
}
