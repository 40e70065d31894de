import type { PendingAmendment, SharedMessage } from '../contract/api.ts'
import type { RoomMessage } from '../protocol/room-stanza.ts'
import { type Effect, tellAll } from './effects.ts'
import type { Context, Room } from './room.ts'
import { fileOf } from './shared-file.ts'
import { isArchived, messageKey, noteNewest, noteOnce } from './timeline.ts'
import { whoIs } from './who-is.ts'

/** A message that corrects, retracts or moderates an earlier one: what it does, and what it must be checked for. */
export function amendmentOf(room: Room, message: RoomMessage, context: Context): PendingAmendment | undefined {
  const { amends, nick, body = '', stanza, delayMs } = message
  if (!amends) return undefined
  const { occupantId } = whoIs(room, message)
  return {
    ...amends,
    room: room.jid,
    nick: nick ?? '',
    ...(occupantId !== undefined && { occupantId }),
    // Without an identity the nick counts, for as long as the same person has had it.
    since: room.nickSince.get(nick ?? '') ?? room.nickSinceAtLeast,
    atMs: delayMs ?? context.nowMs,
    body,
    stanza,
  }
}

/** It has no place of its own: the message that it is about is looked for in the store. */
export function amend(room: Room, message: RoomMessage, context: Context, out: Effect[]): void {
  const amendment = amendmentOf(room, message, context)
  if (!amendment || !noteOnce(room.timeline, messageKey(message))) return
  if (isArchived(message)) noteNewest(room.timeline, { id: message.archiveId ?? '', stampMs: amendment.atMs })
  out.push({ do: 'amend', amendment })
}

/** The message that an amendment is about, as it is with it; `undefined` where it is about another, or not theirs to do. */
export function amended(message: SharedMessage, amendment: PendingAmendment): SharedMessage | undefined {
  const { kind, target, atMs, stanza } = amendment
  if (kind === 'moderation') return message.id === target ? withoutContent(message, { moderated: true }) : undefined
  if (!isTheirs(message, amendment)) return undefined
  if (kind === 'retraction') return message.id === target ? withoutContent(message, { retracted: true }) : undefined
  if (message.stanza.attrs['id'] !== target && message.originId !== target) return undefined
  if (message.retracted || message.moderated || (message.correctedAtMs ?? 0) > atMs) return undefined
  const { file: _before, ...rest } = message
  return { ...rest, ...fileOf(stanza), body: amendment.body, correctedAtMs: atMs, stanza }
}

/** Whoever wrote the message: by what identifies them in the room, else by the nick. */
function isTheirs({ nick, occupantId, order }: SharedMessage, amendment: PendingAmendment): boolean {
  if (occupantId !== undefined || amendment.occupantId !== undefined) return occupantId === amendment.occupantId
  return nick === amendment.nick && order >= amendment.since
}

/** Nothing of what was said may be shown or found any more. */
function withoutContent(
  { file: _file, ...message }: SharedMessage,
  mark: { readonly retracted: true } | { readonly moderated: true },
): SharedMessage {
  return { ...message, ...mark, body: '', mentionsMe: false, stanza: { ...message.stanza, children: [] } }
}

const CHANGES = { correction: 'correction', retraction: 'retraction', moderation: 'moderation' } as const

/** It was found, and takes the place of what was there. */
export function wasAmended(room: Room, message: SharedMessage, kind: PendingAmendment['kind'], out: Effect[]): void {
  out.push({ do: 'append', message })
  tellAll(room, { kind: 'message-updated', message, change: CHANGES[kind] }, out)
}

/** The messages of a page with what is known to have become of them, and what is about others. */
export function amendAll(
  messages: readonly SharedMessage[],
  amendments: readonly PendingAmendment[],
): { readonly messages: readonly SharedMessage[]; readonly others: readonly PendingAmendment[] } {
  const found = [...messages]
  const others = amendments.filter((amendment) => {
    const at = found.findLastIndex((message) => amended(message, amendment))
    const message = found[at]
    const now = message && amended(message, amendment)
    if (now) found[at] = now
    return !now
  })
  return { messages: found, others }
}
