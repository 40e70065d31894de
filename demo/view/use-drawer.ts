import type { RefObject } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

/** For a panel that opens as a drawer: it takes the focus, and gives it back to whoever had it. */
export function useDrawer<E extends HTMLElement>(shown: boolean): RefObject<E | null> {
  const drawer = useRef<E>(null)
  // Before the page is drawn: the conversation becomes inert, and what was focused in it is forgotten.
  useLayoutEffect(() => {
    if (!shown) return undefined
    const before = document.activeElement
    drawer.current?.focus()
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [shown])
  return drawer
}
