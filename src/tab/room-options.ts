import type { Extras } from '../contract/actions.ts'
import type { HistoryWish, Message } from '../contract/model.ts'
import { mustBe, nickname, optional, text } from './check.ts'
import { given } from './given.ts'

export interface JoinOptions {
  readonly nick: string
  readonly password?: string
  readonly history?: HistoryWish
  /** Where the account is in under another nick, change it to this one first: for everybody to see. */
  readonly takeover?: boolean
  /** Gives the join up: the promise rejects with `aborted`, and the room is let go of. */
  readonly signal?: AbortSignal
}

/** What `send()` can say, beside a text alone. */
export interface OutgoingMessage {
  readonly body: string
  /** The id of the message that it answers. */
  readonly replyTo?: string
  /** It is to be shown only when somebody wants to see it; a text is the hint that they get until then. */
  readonly spoiler?: boolean | string
  /** Wants to be noticed at once, by a sound or a shake. */
  readonly attention?: boolean
  /** The nicks of those whom it names: they are told, wherever in the text their names are. */
  readonly mentions?: readonly string[]
}

/** @throws TypeError, MinimixError `jid-malformed` */
export function outgoing(message: string | OutgoingMessage): { readonly body: string; readonly extras: Extras } {
  if (typeof message !== 'object' || message === null) return { body: text(message, 'send(body)'), extras: {} }
  const { replyTo, spoiler, attention, mentions } = message
  const body = text(message.body, 'send({ body })')
  if (replyTo !== undefined) text(replyTo, 'send({ replyTo })')
  if (typeof spoiler !== 'boolean') optional(spoiler, 'string', 'send({ spoiler })')
  optional(attention, 'boolean', 'send({ attention })')
  mustBe(mentions === undefined || Array.isArray(mentions), 'send({ mentions }) must be a list of nicks')
  const hint = spoiler === true ? '' : spoiler || undefined
  const nicks = mentions?.map((nick) => nickname(nick, 'send({ mentions })'))
  return { body, extras: given({ replyTo, spoiler: hint, attention: attention || undefined, mentions: nicks }) }
}

export interface SendOptions {
  /** Milliseconds until the message is given back in the state that it has then; 20,000 if left out. */
  readonly timeoutMs?: number
  /** `false`: do not wait for the room. */
  readonly wait?: boolean
}

export interface HistoryOptions {
  readonly before?: string
  readonly after?: string
  readonly around?: string
  /** 50 if left out, 500 at most. */
  readonly limit?: number
}

export interface History {
  /** Oldest first. */
  readonly messages: readonly Message[]
  /** Nothing is before the first. */
  readonly atStart: boolean
  /** Nothing is behind the last, but for what comes live. */
  readonly atEnd: boolean
}
