import { type ReadonlySignal, signal } from '@preact/signals'
import type { Account } from 'minimix-web'

/** What the tabs of this account have cost so far. */
export interface Figures {
  readonly tabs: number
  readonly connections: number
  readonly joins: number
  readonly bytes: number
  /** Who has counted: something in front of the server, or the worker that the tabs share. */
  readonly countedBy: 'server' | 'worker'
}

type Counted = Pick<Figures, 'connections' | 'joins' | 'bytes'>

/** An event stream would be quicker, but browsers allow six connections a site, and a tab must not use one up. */
const EVERY_MS = 1_500
const ADDRESS = '/demo/figures'

/**
 * The figures, looked up again and again while the page is seen, until the signal.
 *
 * @param served somebody counts in front of the server; else the worker's own count is all that there is
 */
export function watchFigures(
  account: Account,
  served: boolean,
  ended: AbortSignal,
): ReadonlySignal<Figures | undefined> {
  const figures = signal<Figures | undefined>(undefined)
  const look = async (): Promise<void> => {
    if (document.visibilityState === 'hidden') return
    try {
      const counting = served ? countedInFront(account.jid, ended) : undefined
      const [{ tabs, wire }, counted] = await Promise.all([account.inspect(), counting])
      const own = { connections: wire.connections, joins: wire.joins, bytes: wire.bytesIn + wire.bytesOut }
      if (ended.aborted) return
      figures.value = { tabs: tabs.length, ...(counted ?? own), countedBy: counted ? 'server' : 'worker' }
    } catch {
      // Between two workers there is nobody to ask; the last figures stay.
    }
  }
  const timer = setInterval(look, EVERY_MS)
  ended.addEventListener('abort', () => clearInterval(timer), { once: true })
  document.addEventListener('visibilitychange', look, { signal: ended })
  void look()
  return figures
}

/** `undefined` where nobody counts there, or has counted this account. */
async function countedInFront(jid: string, signal: AbortSignal): Promise<Counted | undefined> {
  try {
    const answer = await fetch(ADDRESS, { signal })
    const all: unknown = answer.ok ? await answer.json() : undefined
    return typeof all === 'object' && all !== null ? figuresIn((all as Record<string, unknown>)[jid]) : undefined
  } catch {
    return undefined
  }
}

function figuresIn(value: unknown): Counted | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { connections, joins, bytesUp, bytesDown } = value as Record<string, unknown>
  const [a, b, c, d] = [connections, joins, bytesUp, bytesDown]
  if (typeof a !== 'number' || typeof b !== 'number' || typeof c !== 'number' || typeof d !== 'number') return undefined
  return { connections: a, joins: b, bytes: c + d }
}

/** 812 B, 7.9 kB, 1.2 MB. */
export function bytesInWords(bytes: number): string {
  const [value, unit] =
    bytes < 1_000 ? [bytes, 'B'] : bytes < 1_000_000 ? [bytes / 1_000, 'kB'] : [bytes / 1_000_000, 'MB']
  const digits = unit === 'B' || value >= 100 ? 0 : 1
  return `${value.toLocaleString(undefined, { maximumFractionDigits: digits, minimumFractionDigits: digits })} ${unit}`
}
