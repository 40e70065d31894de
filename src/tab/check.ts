import type { HistoryCall, SearchCall } from '../contract/api.ts'
import { failure, MinimixError } from '../contract/errors.ts'
import type { HistoryWish, Occupant } from '../contract/model.ts'
import { normalResource, parseJid } from '../protocol/jid.ts'
import { given } from './given.ts'

/** @throws TypeError where the value is not what a caller's own program must give */
export function mustBe(right: boolean, what: string): asserts right {
  if (!right) throw new TypeError(what)
}

/** @throws TypeError where the value is there and not of that type */
export function optional(value: unknown, type: 'string' | 'boolean' | 'number' | 'function', what: string): void {
  mustBe(value === undefined || typeof value === type, `${what} must be a ${type}`)
}

/** @throws TypeError for what has no fields */
export function record(value: unknown, what: string): void {
  mustBe(typeof value === 'object' && value !== null, `${what} must be an object`)
}

/** @throws TypeError for what cannot be aborted */
export function optionalSignal(value: unknown, what: string): void {
  mustBe(value === undefined || value instanceof AbortSignal, `${what} must be an AbortSignal`)
}

/** @throws TypeError for what is no text, or an empty one */
export function text(value: unknown, what: string): string {
  mustBe(typeof value === 'string' && value !== '', `${what} must be a text that is not empty`)
  return value
}

/** @throws TypeError for what is not one of the words */
export function oneOf<T extends string>(value: T, words: readonly T[], what: string): T {
  mustBe(words.includes(value), `${what} must be one of ${words.join(', ')}`)
  return value
}

const malformed = (what: string, value: string, not: string): MinimixError =>
  new MinimixError(failure('jid-malformed', `${what}: "${value}" ${not}`))

/** @throws TypeError for what is no string; MinimixError `jid-malformed` for what is no bare JID */
export function bareJid(value: unknown, what: string): string {
  mustBe(typeof value === 'string', `${what} must be a string`)
  const jid = parseJid(value)
  if (!jid || jid.resource !== undefined) throw malformed(what, value, 'is not a bare JID')
  return jid.bare
}

/** The JID of anybody, bare or full, in the form in which servers answer. */
export function anyJid(value: unknown, what: string): string {
  mustBe(typeof value === 'string', `${what} must be a string`)
  const jid = parseJid(value)
  if (!jid) throw malformed(what, value, 'is not a JID')
  return jid.full
}

/** The bare JID of an account: with a name before the domain, or where it is to be made up, without. */
export function accountJid(value: unknown, what: string, anonymous = false): string {
  const jid = bareJid(value, what)
  if (jid.includes('@') === anonymous) throw malformed(what, jid, `is not ${anonymous ? 'a domain' : 'an account'}`)
  return jid
}

/** @throws TypeError for what is no string; MinimixError `jid-malformed` for what no server accepts as a nick */
export function nickname(value: unknown, what: string): string {
  mustBe(typeof value === 'string', `${what} must be a string`)
  const nick = normalResource(value)
  if (nick === undefined) throw malformed(what, value, 'cannot be a nick')
  return nick
}

/** Somebody's bare JID, given as it is or by the nick of an occupant whose JID is known. */
export function personJid(value: unknown, occupants: ReadonlyMap<string, Occupant>, what: string): string {
  mustBe(typeof value === 'string', `${what} must be a string`)
  const known = occupants.get(value)?.jid
  const jid = parseJid(known ?? value)
  if (!jid || (known === undefined && jid.local === undefined))
    throw malformed(what, value, 'is not a JID, nor an occupant whose JID is known')
  return jid.bare
}

/** @throws TypeError for what is not the history that a join can ask for */
export function historyWish(value: unknown): HistoryWish | undefined {
  if (value === undefined) return undefined
  record(value, 'join({ history })')
  const { maxstanzas, maxchars, seconds, since } = value as HistoryWish
  for (const [name, limit] of Object.entries({ maxstanzas, maxchars, seconds })) {
    mustBe(
      limit === undefined || (Number.isFinite(limit) && limit >= 0),
      `join({ history: { ${name} } }) must be a number`,
    )
  }
  return given({ maxstanzas, maxchars, seconds, since: stampMs(since, 'join({ history: { since } })') })
}

/** What `history()` can be asked for. @throws TypeError */
export function historyCall(value: unknown): Omit<HistoryCall, 'room'> {
  record(value, 'history(options): options')
  const { limit = 50, ...at } = value as { readonly limit?: unknown } & Readonly<Record<string, unknown>>
  mustBe(
    typeof limit === 'number' && Number.isInteger(limit) && limit >= 1 && limit <= 500,
    'history({ limit }) must be a whole number from 1 to 500',
  )
  const [given, ...more] = (['before', 'after', 'around'] as const).filter((name) => at[name] !== undefined)
  mustBe(more.length === 0, 'history(): only one of before, after and around')
  return given === undefined ? { limit } : { limit, [given]: text(at[given], `history({ ${given} })`) }
}

export interface SearchOptions {
  /** Bare JID. */
  readonly room?: string
  /** Of the sender. */
  readonly nick?: string
  /** Dates, or milliseconds since the epoch; both exclusive. */
  readonly before?: Date | number
  readonly after?: Date | number
  /** 20 if left out, 500 at most. */
  readonly limit?: number
}

/** @throws TypeError, MinimixError `jid-malformed` */
export function searchCall(wanted: string, { room, nick, before, after, limit = 20 }: SearchOptions): SearchCall {
  const isLimit = Number.isInteger(limit) && limit >= 1 && limit <= 500
  mustBe(isLimit, 'search(…, { limit }) must be a whole number from 1 to 500')
  return given({
    text: text(wanted, 'search(text)'),
    limit,
    room: room === undefined ? room : bareJid(room, 'search(…, { room })'),
    nick: nick === undefined ? nick : nickname(nick, 'search(…, { nick })'),
    beforeMs: stampMs(before, 'search(…, { before })'),
    afterMs: stampMs(after, 'search(…, { after })'),
  })
}

function stampMs(value: Date | number | undefined, what: string): number | undefined {
  const ms = value instanceof Date ? value.getTime() : value
  mustBe(ms === undefined || Number.isFinite(ms), `${what} must be a date or milliseconds`)
  return ms
}
