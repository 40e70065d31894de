import { type Signal, useSignal } from '@preact/signals'
import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import type { Conversation } from '../state/conversation.ts'

interface TimelineScroll {
  readonly box: RefObject<HTMLElement | null>
  readonly list: RefObject<HTMLOListElement | null>
  /** Whether the live end is in sight. */
  readonly atEnd: Signal<boolean>
  readonly toEnd: () => void
}

/** So near, it counts as the end. */
const NEAR_PX = 60
/** So near to what is loaded, more of it is. */
const SOON_PX = 400

/** What was uppermost in sight, and how far below the edge. */
interface Anchor {
  readonly id: string
  readonly topPx: number
}

/**
 * Keeps the timeline at its end while more comes in, and where somebody has scrolled away, keeps what they look at in its
 * place, whatever is put above or grows there. Loads more where they come near to either end of what is loaded.
 */
export function useTimelineScroll(conversation: Conversation, content: unknown): TimelineScroll {
  const { timeline, wanted } = conversation
  const box = useRef<HTMLElement>(null)
  const list = useRef<HTMLOListElement>(null)
  const atEnd = useSignal(true)
  const anchor = useRef<Anchor>(undefined)
  const isLive = timeline.isLive.value
  const target = wanted.value

  const messageOf = (id: string): HTMLElement | null =>
    box.current?.querySelector<HTMLElement>(`[data-message="${CSS.escape(id)}"]`) ?? null
  const topOf = (element: HTMLElement): number =>
    element.getBoundingClientRect().top - (box.current?.getBoundingClientRect().top ?? 0)
  const note = (): void => {
    const all = [...(box.current?.querySelectorAll<HTMLElement>('[data-message]') ?? [])]
    const first = firstOf(all, (each) => topOf(each) + each.offsetHeight > 0)
    anchor.current = first && { id: first.dataset['message'] ?? '', topPx: topOf(first) }
  }
  const keep = (): void => {
    const element = box.current
    if (!element) return
    const kept = anchor.current && messageOf(anchor.current.id)
    if (atEnd.peek() && timeline.isLive.peek()) element.scrollTop = element.scrollHeight
    else if (kept && anchor.current) element.scrollTop += topOf(kept) - anchor.current.topPx
    note()
  }
  const loadMore = (): void => {
    const element = box.current
    if (!element) return
    const { scrollTop, scrollHeight, clientHeight } = element
    if (scrollTop < SOON_PX && !timeline.atStart.peek()) void conversation.older()
    else if (scrollHeight - scrollTop - clientHeight < SOON_PX && !timeline.isLive.peek()) void conversation.newer()
  }
  const toEnd = (): void => {
    atEnd.value = true
    timeline.toLive()
    if (box.current) box.current.scrollTop = box.current.scrollHeight
  }

  useLayoutEffect(keep, [content])
  useEffect(() => {
    // A box that is not full cannot be scrolled.
    if (box.current && box.current.scrollHeight <= box.current.clientHeight) loadMore()
  }, [content])
  useLayoutEffect(() => {
    const element = target === undefined ? null : messageOf(target)
    if (!element) return
    wanted.value = undefined
    atEnd.value = false
    element.scrollIntoView({ block: 'center' })
    element.focus({ preventScroll: true })
    element.animate({ outlineColor: ['var(--accent)', 'transparent'], outlineStyle: 'solid' }, 1_500)
    note()
  }, [target, content])
  useEffect(() => {
    const element = box.current
    if (!element) return undefined
    const end = new AbortController()
    let size = ''
    // A box that changes its size may scroll by itself: that is nobody's wish.
    const look = (): void => {
      const now = `${element.clientWidth} ${element.clientHeight}`
      const isWish = now === size
      size = now
      if (!isWish) return keep()
      atEnd.value = timeline.isLive.peek() && element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX
      note()
      loadMore()
    }
    const resized = new ResizeObserver(() => {
      size = `${element.clientWidth} ${element.clientHeight}`
      keep()
    })
    element.addEventListener('scroll', look, { passive: true, signal: end.signal })
    resized.observe(element)
    if (list.current) resized.observe(list.current)
    return () => {
      end.abort()
      resized.disconnect()
    }
  }, [])
  useEffect(() => {
    if (!isLive) atEnd.value = false
  }, [isLive])
  return { box, list, atEnd, toEnd }
}

/** The first for which it holds, where it holds for all behind that, too. */
function firstOf<T>(all: readonly T[], holds: (each: T) => boolean): T | undefined {
  let [from, to] = [0, all.length]
  while (from < to) {
    const middle = (from + to) >> 1
    const each = all[middle]
    if (each !== undefined && holds(each)) to = middle
    else from = middle + 1
  }
  return all[from]
}
