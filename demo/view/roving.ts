/** Where the keys go from one of so many; `columns` is more than one in a grid. */
const STEPS: Readonly<Record<string, (at: number, count: number, columns: number) => number>> = {
  ArrowDown: (at, count, columns) => (at + columns < count ? at + columns : columns > 1 ? at : 0),
  ArrowUp: (at, count, columns) => (at - columns >= 0 ? at - columns : columns > 1 ? at : count - 1),
  Home: () => 0,
  End: (_, count) => count - 1,
}

const ACROSS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowLeft: -1 }

interface RovingOptions {
  /** How many stand beside each other. */
  readonly columns?: number
  /** At the first of them, somebody wants to go further up. */
  readonly onBefore?: () => void
}

/** The keys go from one to the next of what the selector finds in the list; Tab goes past it. */
export function rove(event: KeyboardEvent, selector: string, { columns = 1, onBefore }: RovingOptions = {}): void {
  const { key, currentTarget, target } = event
  if (!(currentTarget instanceof HTMLElement) || !(target instanceof HTMLElement)) return
  const all = [...currentTarget.querySelectorAll<HTMLElement>(selector)]
  const at = all.indexOf(target)
  if (at === -1) return
  const across = columns > 1 ? ACROSS[key] : undefined
  const to = across === undefined ? STEPS[key]?.(at, all.length, columns) : at + across
  if (to === undefined) return
  event.preventDefault()
  if (onBefore && key === 'ArrowUp' && at === 0) onBefore()
  else all[Math.min(Math.max(to, 0), all.length - 1)]?.focus()
}
