import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'

/** Whether the media query holds, now and whenever it changes. */
export function useMedia(query: string): boolean {
  const holds = useSignal(matchMedia(query).matches)
  useEffect(() => {
    const end = new AbortController()
    const list = matchMedia(query)
    const look = (): void => {
      holds.value = list.matches
    }
    list.addEventListener('change', look, { signal: end.signal })
    return () => end.abort()
  }, [query])
  return holds.value
}
