const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' })
const DAY = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' })
const DAY_OF_YEAR = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' })
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' })

const DAY_MS = 24 * 60 * 60 * 1000

/** 14:05, or as people write it here. */
export const timeOf = (stampMs: number): string => TIME.format(stampMs)

/** The whole moment, for whoever asks. */
export const momentOf = (stampMs: number): string => FULL.format(stampMs)

/** A number that differs from one local day to the next. */
export const dayNumber = (stampMs: number): number => new Date(stampMs).setHours(0, 0, 0, 0)

/** Today, Yesterday, or the date; the year only where it is another one. */
export function dayOf(stampMs: number, nowMs: number): string {
  const days = Math.round((dayNumber(nowMs) - dayNumber(stampMs)) / DAY_MS) // rounded: a day may have 23 hours
  if (days === 0) return 'Today'
  if (days === 1) return 'Yesterday'
  const sameYear = new Date(stampMs).getFullYear() === new Date(nowMs).getFullYear()
  return (sameYear ? DAY : DAY_OF_YEAR).format(stampMs)
}
