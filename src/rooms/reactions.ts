import type { PendingAmendment, SharedMessage } from '../contract/api.ts'
import type { Reaction } from '../contract/model.ts'

/** People whose reactions to one message are kept, and different emojis that they may use: there may be ten thousand. */
const MOST_REACTORS = 1000
const MOST_EMOJIS = 100

/** Who does something to a message: by what identifies them in the room, else by the nick. */
export const whoOf = ({ occupantId, nick }: { readonly occupantId?: string; readonly nick: string }): string =>
  occupantId === undefined ? `n ${nick}` : `o ${occupantId}`

/** A message with somebody's reactions in place of those that they had; itself where those are newer. */
export function reacted(message: SharedMessage, amendment: PendingAmendment): SharedMessage {
  const { reactors = [], reactions } = message
  const { nick, own = false, atMs } = amendment
  const who = whoOf(amendment)
  const before = reactors.find((each) => each.who === who)
  if (before ? before.atMs > atMs : reactors.length >= MOST_REACTORS) return message
  const known = new Set(reactions.map(({ emoji }) => emoji))
  const emojis = (amendment.emojis ?? []).filter(
    (emoji) => known.has(emoji) || (known.size < MOST_EMOJIS && known.add(emoji)),
  )
  if (before && before.nick === nick && same(before.emojis, emojis)) return message
  // Whoever took theirs back stays: what the archive has of before must not bring them back.
  const now = { who, nick, own, emojis, atMs }
  const all = before ? reactors.map((each) => (each === before ? now : each)) : [...reactors, now]
  return { ...message, reactors: all, reactions: sumOf(all) }
}

const same = (some: readonly string[], others: readonly string[]): boolean => some.join() === others.join()

/** Each emoji once, in the order in which they came. */
function sumOf(reactors: NonNullable<SharedMessage['reactors']>): Reaction[] {
  const sum = new Map<string, { nicks: string[]; own: boolean }>()
  for (const { nick, own, emojis } of reactors) {
    for (const emoji of emojis) {
      const there = sum.get(emoji) ?? { nicks: [], own: false }
      sum.set(emoji, there)
      there.nicks.push(nick)
      there.own ||= own
    }
  }
  return [...sum].map(([emoji, who]) => ({ emoji, ...who }))
}
