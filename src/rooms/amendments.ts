import type { PendingAmendment, SharedMessage } from '../contract/api.ts'
import type { RoomMessage } from '../protocol/room-stanza.ts'
import { type Echo, isOwn, takeEcho } from './echo.ts'
import { type Effect, type KeptKey, tellAll } from './effects.ts'
import { fail } from './fail.ts'
import { isMentioned } from './mentions.ts'
import { reacted } from './reactions.ts'
import type { CallId, Context, Room } from './room.ts'
import { isMeant } from './say.ts'
import { noSuchMessage } from './send-error.ts'
import { isArchived, messageKey, noteNewest, noteOnce } from './timeline.ts'
import { whoIs } from './who-is.ts'

/** A message that does something to an earlier one: what it does, and what it must be checked for. */
export function amendmentOf(room: Room, message: RoomMessage, context: Context): PendingAmendment | undefined {
  const { amends, nick, body = '', said, stanza, delayMs } = message
  if (!amends) return undefined
  const { occupantId } = whoIs(room, message)
  const own = isOwn(room, message)
  return {
    ...amends,
    room: room.jid,
    nick: nick ?? '',
    ...(occupantId !== undefined && { occupantId }),
    ...(own && { own }),
    // Without an identity the nick counts, for as long as the same person has had it.
    since: room.nickSince.get(nick ?? '') ?? room.nickSinceAtLeast,
    atMs: delayMs ?? context.nowMs,
    body,
    ...(said && { said }),
    ...(!own && isMentioned(room, body, said, context) && { mentionsMe: true }),
    stanza,
  }
}

/** It has no place of its own: the message that it is about is looked for in the store. */
export function amend(room: Room, message: RoomMessage, context: Context, out: Effect[]): void {
  const amendment = amendmentOf(room, message, context)
  if (!amendment) return
  const echo = takeEcho(room, message)
  if (!noteOnce(room.timeline, messageKey(message)) && !echo) return
  if (isArchived(message)) noteNewest(room.timeline, { id: message.archiveId ?? '', stampMs: amendment.atMs })
  seekAmended(amendment, echo, out)
}

/** Looks for the message; whoever of us did it is answered when it is found. */
export function seekAmended(amendment: PendingAmendment, echo: Echo | undefined, out: Effect[]): void {
  if (echo) out.push({ do: 'drop-outbox', order: echo.sending.order }, { do: 'stop-waiting', name: `send ${echo.id}` })
  out.push({ do: 'amend', amendment, call: echo?.sending.call, about: echo?.sending.about })
}

/**
 * The message that an amendment is about, as it is with it: the same where that changes nothing, `undefined` where it is
 * about another, or not theirs to do.
 */
export function amended(message: SharedMessage, amendment: PendingAmendment): SharedMessage | undefined {
  const { kind, target, atMs, body, said, mentionsMe = false, stanza } = amendment
  const isGone = message.retracted === true || message.moderated === true
  if (kind === 'correction') {
    if (message.stanza.attrs['id'] !== target && message.originId !== target) return undefined
    if (!isTheirs(message, amendment)) return undefined
    const isOld =
      (message.correctedAtMs ?? 0) > atMs || (message.correctedAtMs !== undefined && isSame(message, stanza))
    if (isGone || isOld) return message
    const { spoiler: _hint, mentions: _named, file: _before, ...kept } = message
    return { ...kept, ...said, body, mentionsMe, correctedAtMs: atMs, stanza }
  }
  if (!isMeant(message, target)) return undefined
  if (kind === 'reaction') return isGone ? message : reacted(message, amendment)
  if (kind === 'moderation') return message.moderated ? message : withoutContent(message, 'moderated')
  if (!isTheirs(message, amendment)) return undefined
  return isGone ? message : withoutContent(message, 'retracted')
}

const isSame = ({ stanza: { attrs } }: SharedMessage, stanza: SharedMessage['stanza']): boolean =>
  attrs['id'] !== undefined && attrs['id'] === stanza.attrs['id']

/** Whoever wrote the message: by what identifies them in the room, else by the nick. */
function isTheirs({ nick, occupantId, order }: SharedMessage, amendment: PendingAmendment): boolean {
  if (occupantId !== undefined || amendment.occupantId !== undefined) return occupantId === amendment.occupantId
  return nick === amendment.nick && order >= amendment.since
}

/** Nothing of what was said may be shown or found any more. */
export function withoutContent(
  {
    replyTo: _to,
    spoiler: _hint,
    attention: _calls,
    sticker: _picture,
    file: _file,
    mentions: _named,
    reactors: _who,
    ...message
  }: SharedMessage,
  fate: 'retracted' | 'moderated',
): SharedMessage {
  return {
    ...message,
    [fate]: true,
    body: '',
    mentionsMe: false,
    reactions: [],
    stanza: { ...message.stanza, children: [] },
  }
}

/** What became of the message that was looked for. */
export interface Amended {
  readonly kind: PendingAmendment['kind']
  readonly target: string
  /** As it is now; `undefined` where there is none. */
  readonly message: SharedMessage | undefined
  /** It takes the place of what was there. */
  readonly changed: boolean
  /** Somebody here did it, and waits. */
  readonly call?: CallId | undefined
  /** What was kept until this. */
  readonly forget?: KeptKey | undefined
}

export function wasAmended(
  room: Room,
  { kind, target, message: now, changed, call, forget }: Amended,
  context: Context,
  out: Effect[],
): void {
  const message = now && changed ? changedBy(room, now, [kind], context, out) : now
  if (forget) out.push({ do: 'forget-kept', ...forget })
  if (call === undefined) return
  if (message) out.push({ do: 'answer', call, value: message })
  else fail(call, noSuchMessage(room.jid, target), out)
}

/** It takes the place of what was there, and every tab is told; those that are not there now when they come back. */
export function changedBy(
  room: Room,
  was: SharedMessage,
  kinds: Iterable<PendingAmendment['kind']>,
  { nowMs }: Context,
  out: Effect[],
): SharedMessage {
  const all = [...kinds].map((what) => [what, withChange(was, what, nowMs)] as const)
  const message = all.at(-1)?.[1] ?? was
  out.push({ do: 'append', message })
  for (const [change, each] of all) tellAll(room, { kind: 'message-updated', message: each, change }, out)
  return message
}

/** What a tab that comes back is to be told of it. */
export const withChange = (message: SharedMessage, what: PendingAmendment['kind'], atMs: number): SharedMessage => ({
  ...message,
  changed: { what, atMs },
})

/** Messages with what has become of them, and what is about others. */
export interface AmendedAll {
  readonly messages: readonly SharedMessage[]
  /** Those that found their message, and the place of it in `messages`. */
  readonly found: ReadonlyMap<PendingAmendment, number>
  /** What changed those at these places. */
  readonly changes: ReadonlyMap<number, ReadonlySet<PendingAmendment['kind']>>
  readonly others: readonly PendingAmendment[]
}

export function amendAll(messages: readonly SharedMessage[], amendments: readonly PendingAmendment[]): AmendedAll {
  const now = [...messages]
  const byId = new Map(messages.map(({ id }, at) => [id, at]))
  const found = new Map<PendingAmendment, number>()
  const changes = new Map<number, Set<PendingAmendment['kind']>>()
  const others = amendments.filter((amendment) => {
    const at =
      amendment.kind === 'correction'
        ? now.findLastIndex((message) => amended(message, amendment))
        : (byId.get(amendment.target) ?? now.findLastIndex((message) => isMeant(message, amendment.target)))
    const message = now[at]
    const amendedNow = message && amended(message, amendment)
    if (!message) return true
    found.set(amendment, at)
    if (amendedNow && amendedNow !== message) {
      now[at] = amendedNow
      changes.set(at, (changes.get(at) ?? new Set()).add(amendment.kind))
    }
    return false
  })
  return { messages: now, found, changes, others }
}
