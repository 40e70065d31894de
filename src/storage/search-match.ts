import type { SearchCall, SharedMessage } from '../contract/api.ts'
import { hasWords } from '../search/words.ts'

/** Whether a message can be found at all. */
export const isSearchable = ({ body, retracted }: SharedMessage): boolean => body !== '' && !retracted

/** Whether a message is one that a query looks for, of which the words are known. */
export function matches(message: SharedMessage, query: SearchCall, wanted: readonly string[]): boolean {
  return (
    isSearchable(message) &&
    (query.room === undefined || message.room === query.room) &&
    (query.nick === undefined || message.nick === query.nick) &&
    isWithin(message.stampMs, query) &&
    hasWords(message.body, wanted)
  )
}

export const isWithin = (stampMs: number, { beforeMs, afterMs }: SearchCall): boolean =>
  (beforeMs === undefined || stampMs < beforeMs) && (afterMs === undefined || stampMs > afterMs)
