import type { ChatState } from '../protocol/xep-0085-chat-states.ts'
import type { TabId } from './room.ts'

/** Who types, of one address: our tabs, and the others there, each by a name (in a room their nick). Changed in place. */
export interface Typing {
  /** The tabs in which the person types, and until when that holds. */
  readonly tabs: Map<TabId, number>
  readonly others: Map<string, number>
  /** What we said last, of what the address still knows. */
  said: ChatState | undefined
  /** Of the others, as the tabs know it. */
  told: readonly string[]
  /** When somebody will look whether it still holds. */
  wakeAtMs: number | undefined
}

/** Without another word somebody has stopped. */
export const TYPING_MS = 30_000
/** Of more than that many nobody wants the names. */
const MOST_OTHERS = 50

export const nobodyTypes = (): Typing => ({
  tabs: new Map(),
  others: new Map(),
  said: undefined,
  told: [],
  wakeAtMs: undefined,
})

/** There is nothing that time, a tab or another one could end. */
export const rests = ({ tabs, others, said, told }: Typing): boolean =>
  tabs.size === 0 && others.size === 0 && told.length === 0 && said !== 'composing'

export function tabTypes({ tabs }: Typing, tab: TabId, types: boolean, nowMs: number): void {
  if (types) tabs.set(tab, nowMs + TYPING_MS)
  else tabs.delete(tab)
}

/** Somebody there has said what they do, or (`undefined`) has said something. */
export function otherDoes({ others }: Typing, who: string, state: ChatState | undefined, nowMs: number): void {
  if (state !== 'composing') others.delete(who)
  else if (others.has(who) || others.size < MOST_OTHERS) others.set(who, nowMs + TYPING_MS)
}

export function otherIsRenamed({ others }: Typing, from: string, to: string): void {
  const untilMs = others.get(from)
  if (untilMs !== undefined && others.delete(from)) others.set(to, untilMs)
}

/** A message goes out: whoever gets it takes us to be there and no longer typing. @returns the state that it is to hold */
export function speaks(typing: Typing, tab: TabId | undefined): ChatState | undefined {
  if (tab !== undefined) typing.tabs.delete(tab)
  if (typing.said === undefined || typing.said === 'active') return undefined
  typing.said = 'active'
  return 'active'
}

/** Forgets what has had its time, and who is not there any more. */
export function keepTyping(
  { tabs, others }: Typing,
  nowMs: number,
  has: { readonly tab: (tab: TabId) => boolean; readonly other: (who: string) => boolean },
): void {
  for (const [tab, untilMs] of tabs) if (untilMs <= nowMs || !has.tab(tab)) tabs.delete(tab)
  for (const [who, untilMs] of others) if (untilMs <= nowMs || !has.other(who)) others.delete(who)
}

/** What is to be said now, where it is not what was said last. */
export function toSay({ tabs, said }: Typing): ChatState | undefined {
  if (tabs.size > 0) return said === 'composing' ? undefined : 'composing'
  return said === 'composing' ? 'paused' : undefined
}

/** Who types now, where it is not what was told last. */
export function toTell(typing: Typing): readonly string[] | undefined {
  const { others, told } = typing
  if (others.size === told.length && told.every((who) => others.has(who))) return undefined
  typing.told = [...others.keys()]
  return typing.told
}

/** @returns in how many milliseconds somebody must look, where nobody will by then */
export function toWake(typing: Typing, nowMs: number): number | undefined {
  const next = Math.min(...typing.tabs.values(), ...typing.others.values())
  if (next === Number.POSITIVE_INFINITY || (typing.wakeAtMs ?? next + 1) <= next) return undefined
  typing.wakeAtMs = next
  return next - nowMs
}
