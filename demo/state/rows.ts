import type { Message } from 'minimix-web'
import { dayNumber } from './moments.ts'

/** What a room's timeline holds, in the order in which this tab was told. */
export type Entry =
  | { readonly kind: 'message'; readonly key: string; readonly message: Message; readonly isPrivate?: boolean }
  | { readonly kind: 'notice'; readonly key: string; readonly stampMs: number; readonly text: string }

/** What is seen of it. */
export type Row =
  | { readonly kind: 'day'; readonly key: string; readonly stampMs: number }
  /** What is behind it came while nobody looked. */
  | { readonly kind: 'unread'; readonly key: string }
  | { readonly kind: 'notice'; readonly key: string; readonly text: string }
  | { readonly kind: 'group'; readonly key: string; readonly messages: readonly [Message, ...Message[]] }

/** Messages of one sender that are no further apart stand together. */
const TOGETHER_MS = 5 * 60 * 1000

/** Day by day, sender by sender. Notices that follow each other share a line. */
export function rowsOf(entries: readonly Entry[], unreadFrom?: string): readonly Row[] {
  const rows: Row[] = []
  let day: number | undefined
  for (const entry of entries) {
    const stampMs = entry.kind === 'message' ? entry.message.stampMs : entry.stampMs
    if (dayNumber(stampMs) !== day) {
      day = dayNumber(stampMs)
      rows.push({ kind: 'day', key: `day ${entry.key}`, stampMs })
    }
    if (entry.key === unreadFrom) rows.push({ kind: 'unread', key: 'unread' })
    const last = rows.at(-1)
    if (entry.kind === 'notice') {
      if (last?.kind === 'notice') rows[rows.length - 1] = { ...last, text: `${last.text} · ${entry.text}` }
      else rows.push({ kind: 'notice', key: entry.key, text: entry.text })
    } else if (last?.kind === 'group' && belongsTo(last.messages, entry.message)) {
      rows[rows.length - 1] = { ...last, messages: [...last.messages, entry.message] }
    } else {
      rows.push({ kind: 'group', key: entry.key, messages: [entry.message] })
    }
  }
  return rows
}

function belongsTo(messages: readonly Message[], { nick, own, stampMs, to }: Message): boolean {
  const last = messages.at(-1)
  const isTheirs = last !== undefined && last.nick === nick && last.own === own && last.to === to
  return isTheirs && stampMs - last.stampMs < TOGETHER_MS
}
