import { effect, type Signal, signal } from '@preact/signals'

/** What a person chooses for this browser. */
export interface Settings {
  /** What the rooms see when the last tab is closed. */
  readonly onLastTab: 'linger' | 'leave'
  /** Sign in next time without a password, where the server can. */
  readonly remember: boolean
  readonly notifications: boolean
  /** How much of the archive stays in this browser; `undefined`: as the SDK has it. */
  readonly keptMessages: number | undefined
  readonly keptDays: number | undefined
}

const KEY = 'minimix-demo-settings'
const USUAL: Settings = {
  onLastTab: 'linger',
  remember: false,
  notifications: false,
  keptMessages: undefined,
  keptDays: undefined,
}

/** The settings of this browser: one set for all tabs. */
export function chosenSettings(): Signal<Settings> {
  const settings = signal(stored())
  let known = JSON.stringify(settings.peek())
  effect(() => {
    const now = JSON.stringify(settings.value)
    if (now === known) return
    known = now
    try {
      localStorage.setItem(KEY, now)
    } catch {
      // Forbidden or full: chosen for this visit only.
    }
  })
  addEventListener('storage', ({ key }) => {
    if (key !== KEY) return
    const now = stored()
    known = JSON.stringify(now)
    settings.value = now
  })
  return settings
}

function stored(): Settings {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null')
    return typeof value === 'object' && value !== null ? read(value) : USUAL
  } catch {
    return USUAL
  }
}

function read(value: Partial<Record<keyof Settings, unknown>>): Settings {
  const count = (given: unknown): number | undefined =>
    typeof given === 'number' && Number.isInteger(given) && given > 0 ? given : undefined
  return {
    onLastTab: value.onLastTab === 'leave' ? 'leave' : 'linger',
    remember: value.remember === true,
    notifications: value.notifications === true,
    keptMessages: count(value.keptMessages),
    keptDays: count(value.keptDays),
  }
}
