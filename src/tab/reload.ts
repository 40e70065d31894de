// A file of its own, which a page loads that may be loaded anew: what it needs of others it is given.
/** Where the times are kept at which this tab loaded itself anew. */
const RELOADS = 'minimix:reloads'
/** Twice as long between two reloads each time: one that helps nothing must not go round for ever. */
const RELOAD_MS = 60_000

/** Loads the page anew, once nobody looks at it. */
export function reloadOnceHidden(isHidden: () => boolean): void {
  if (typeof document === 'undefined') return
  const { count = 0, atMs = 0 } = JSON.parse(sessionStorage.getItem(RELOADS) ?? '{}')
  let timer: ReturnType<typeof setTimeout> | undefined
  const reload = (): void => {
    clearTimeout(timer)
    if (!isHidden()) return
    const nowMs = Date.now()
    const pauseMs = count === 0 ? 0 : RELOAD_MS * 2 ** (count - 1) - (nowMs - atMs)
    if (pauseMs > 0) {
      timer = setTimeout(reload, pauseMs)
      return
    }
    document.removeEventListener('visibilitychange', reload)
    sessionStorage.setItem(RELOADS, JSON.stringify({ count: count + 1, atMs: nowMs }))
    location.reload()
  }
  document.addEventListener('visibilitychange', reload)
  reload()
}
