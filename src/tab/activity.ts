import type { Activity } from '../contract/model.ts'

/** What a person does that shows that they are there. */
const SIGNS = ['pointerdown', 'keydown', 'wheel', 'touchstart'] as const
/** Away for this many times as long is away for good. */
const EXTENDED = 3

/**
 * Whether the person is at this tab: tells each change. A hidden tab counts as left when it was last looked at.
 *
 * @param idleAfterMs without a sign of life until the person counts as away
 */
export function watchActivity(
  idleAfterMs: number,
  onActivity: (activity: Activity) => void,
  signal: AbortSignal,
): void {
  // Where there is no page (a worker that uses the SDK) nobody is seen, and nobody is missed.
  if (typeof document === 'undefined') return
  let now: Activity = 'active'
  let timer: ReturnType<typeof setTimeout> | undefined
  const become = (next: Activity): void => {
    if (next === now) return
    now = next
    onActivity(next)
  }
  const restart = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      become('away')
      timer = setTimeout(() => become('xa'), idleAfterMs * (EXTENDED - 1))
    }, idleAfterMs)
  }
  const live = (): void => {
    if (document.visibilityState === 'hidden') return
    become('active')
    restart()
  }
  for (const sign of SIGNS) addEventListener(sign, live, { passive: true, capture: true, signal })
  document.addEventListener('visibilitychange', live, { signal })
  signal.addEventListener('abort', () => clearTimeout(timer))
  restart()
}

/** Whether nobody can look at this tab; where there is no page nobody can. */
export const isHidden = (): boolean => typeof document === 'undefined' || document.visibilityState === 'hidden'

/** Tells when the tab is shown or hidden, and when the person comes to it from another window. */
export function watchVisibility(onChange: () => void, signal: AbortSignal): void {
  if (typeof document === 'undefined') return
  document.addEventListener('visibilitychange', onChange, { signal })
  addEventListener('focus', onChange, { signal })
}

/** What happens to a page as a whole, in the words of `Link`. */
export interface PageLife {
  /** It goes, for good. */
  gone(): void
  /** It goes, and the browser may bring it back as it is (bfcache). */
  suspend(): void
  /** It is back. */
  resume(): void
  /** It is about to be stopped where it is. */
  freeze(): void
  /** It runs again. */
  look(): void
}

export function watchLife(page: PageLife, signal: AbortSignal): void {
  if (typeof document === 'undefined') return
  addEventListener('pagehide', ({ persisted }) => (persisted ? page.suspend() : page.gone()), { signal })
  addEventListener('pageshow', ({ persisted }) => persisted && page.resume(), { signal })
  document.addEventListener('freeze', () => page.freeze(), { signal })
  document.addEventListener('resume', () => page.look(), { signal })
}
