import { failure, MinimixError } from '../contract/errors.ts'
import { normalResource, parseJid } from '../protocol/jid.ts'

/** @throws TypeError where the value is not what a caller's own program must give */
export function mustBe(right: boolean, what: string): asserts right {
  if (!right) throw new TypeError(what)
}

/** @throws TypeError for what is no string; MinimixError `jid-malformed` for what is no bare JID */
export function bareJid(value: unknown, what: string): string {
  mustBe(typeof value === 'string', `${what} must be a string`)
  const jid = parseJid(value)
  if (!jid || jid.resource !== undefined)
    throw new MinimixError(failure('jid-malformed', `${what}: "${value}" is not a bare JID`))
  return jid.bare
}

/** @throws TypeError for what is no string; MinimixError `jid-malformed` for what no server accepts as a nick */
export function nickname(value: unknown, what: string): string {
  mustBe(typeof value === 'string', `${what} must be a string`)
  const nick = normalResource(value)
  if (nick === undefined) throw new MinimixError(failure('jid-malformed', `${what}: "${value}" cannot be a nick`))
  return nick
}
