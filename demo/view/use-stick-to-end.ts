import { type Signal, useSignal } from '@preact/signals'
import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'

interface StickToEnd {
  readonly box: RefObject<HTMLElement | null>
  /** Whether the end is in sight. */
  readonly atEnd: Signal<boolean>
  readonly toEnd: () => void
}

/** So near, it counts as the end. */
const NEAR_PX = 60

/** Keeps a scrolling box at its end while more comes in, unless somebody has scrolled away from it. */
export function useStickToEnd(content: unknown): StickToEnd {
  const box = useRef<HTMLElement>(null)
  const atEnd = useSignal(true)
  const toEnd = (): void => {
    atEnd.value = true
    box.current?.scrollTo({ top: box.current.scrollHeight })
  }
  useLayoutEffect(() => {
    if (content !== undefined && atEnd.peek()) toEnd()
  }, [content])
  useEffect(() => {
    const element = box.current
    if (!element) return undefined
    const end = new AbortController()
    let size = ''
    // A box that changes its size may scroll by itself: that is nobody's wish.
    const look = (): void => {
      const now = `${element.clientWidth} ${element.clientHeight}`
      if (now === size) atEnd.value = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX
      else if (atEnd.peek()) toEnd()
      size = now
    }
    const resized = new ResizeObserver(look)
    element.addEventListener('scroll', look, { passive: true, signal: end.signal })
    resized.observe(element)
    return () => {
      end.abort()
      resized.disconnect()
    }
  }, [])
  return { box, atEnd, toEnd }
}
