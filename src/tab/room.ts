import type { JoinCall, RoomTabEvent } from '../contract/api.ts'
import { MinimixError } from '../contract/errors.ts'
import type { Affiliation, JoinResult, Message, Role, RoomPhase } from '../contract/model.ts'
import type {
  Form,
  FormValues,
  ListedPerson,
  Registration,
  RoomPost,
  RoomQuestionName,
  RoomQuestions,
  VoiceRequest,
} from '../contract/room-questions.ts'
import type { UnreadTabEvent } from '../contract/unread.ts'
import {
  bareJid,
  historyWish,
  mustBe,
  nickname,
  oneOf,
  optional,
  optionalSignal,
  personJid,
  record,
  text,
} from './check.ts'
import { given } from './given.ts'
import { CALL_MS, callBroker } from './remote.ts'
import { RoomMessages } from './room-messages.ts'
import type { JoinOptions } from './room-options.ts'
import { toMessage } from './room-view.ts'

/** The worker's own deadline for a join is 30 s; the answer must have time to come. */
const JOIN_MS = 35_000
const ROLES: readonly Role[] = ['none', 'visitor', 'participant', 'moderator']
const AFFILIATIONS: readonly Affiliation[] = ['outcast', 'none', 'member', 'admin', 'owner']

/**
 * A group chat as this tab sees it: as if it had joined by itself.
 *
 * Its calls resolve when the room has done it, or reject with a MinimixError: `forbidden`, `not-acceptable`,
 * `not-joined`, `offline`, `timeout`, `worker-gone`, `stanza-error`, and what each names itself. Arguments of the wrong
 * type throw TypeError at once, addresses and nicks that cannot be any throw MinimixError `jid-malformed` at once.
 */
export class Room extends RoomMessages {
  #wanted: JoinCall | undefined
  /** Calls of `join()` that have no answer yet: another join would take them back. */
  #entering = 0
  #shown = true

  /**
   * Enters the room in this tab. Where another tab is in already the room hears nothing, and this tab is given the nick
   * in use. Resolves when occupants, history and subject have been told (XEP-0045 section 7.1).
   *
   * @throws MinimixError rejects with `room-…`, `aborted`
   */
  join(options: JoinOptions): Promise<JoinResult> {
    record(options, 'join(options): options')
    const { password, takeover, signal } = options
    const nick = nickname(options.nick, 'join({ nick })')
    optional(password, 'string', 'join({ password })')
    optional(takeover, 'boolean', 'join({ takeover })')
    optionalSignal(signal, 'join({ signal })')
    const history = historyWish(options.history)
    return this.#enter(given({ room: this.jid, nick, password, takeover, history }), signal)
  }

  async #enter(wanted: JoinCall, signal: AbortSignal | undefined): Promise<JoinResult> {
    this.#wanted = wanted
    if (this.state !== 'in' && this.state !== 'interrupted') this.#setPhase('joining')
    this.#entering += 1
    try {
      // A tab that was in, and is only interrupted, is told what it missed, and is not shown the room anew.
      const words = this.state === 'interrupted' ? this.#goingOn(wanted) : wanted
      return await callBroker(this.link, 'join', this.#asShown(words), { timeoutMs: JOIN_MS, signal })
    } catch (error) {
      if (this.#wanted === wanted) this.#giveUp(error)
      throw error
    } finally {
      this.#entering -= 1
    }
  }

  /** Behind the last message that this tab was told. */
  #goingOn(wanted: JoinCall): JoinCall {
    const { cursor } = this.view
    return cursor ? { ...wanted, after: cursor } : wanted
  }

  #asShown(wanted: JoinCall): JoinCall {
    return this.#shown ? wanted : { ...wanted, shown: false }
  }

  /** The join failed: nothing of it may stay behind in the worker. A tab that was in already stays in. */
  #giveUp(error: unknown): void {
    if (this.state !== 'joining') return
    this.#wanted = undefined
    this.#setPhase('out')
    const gone = error instanceof MinimixError && (error.code === 'timeout' || error.code === 'aborted')
    if (gone) callBroker(this.link, 'leave', { room: this.jid }).catch(() => undefined) // nothing was promised to anybody
  }

  /**
   * Leaves the room in this tab: others stay, and the room sees nothing until the last one leaves.
   *
   * @param options `everywhere` takes every tab out, and the account with them; `status` is what the room is shown
   */
  leave(options: { readonly status?: string; readonly everywhere?: boolean } = {}): Promise<void> {
    record(options, 'leave(options): options')
    const { status, everywhere } = options
    optional(status, 'string', 'leave({ status })')
    optional(everywhere, 'boolean', 'leave({ everywhere })')
    this.#wanted = undefined
    return this.done(callBroker(this.link, 'leave', given({ room: this.jid, status, everywhere })))
  }

  /** Says something to one occupant. Resolves when the room had its chance to refuse; the other tabs get a copy. */
  sendPrivate(nick: string, body: string): Promise<Message> {
    const to = nickname(nick, 'sendPrivate(nick)')
    const call = { room: this.jid, id: crypto.randomUUID(), nick: to, body: text(body, 'sendPrivate(…, body)') }
    return callBroker(this.link, 'sendPrivate', call).then((shared) => toMessage(shared, false, this.tab))
  }

  /**
   * Takes anybody's message away, for everybody (XEP-0425).
   *
   * @throws MinimixError rejects with `forbidden` where we may not, `stanza-error` where the room cannot
   */
  moderate(messageId: string, reason?: string): Promise<Message> {
    return this.moderation(messageId, reason)
  }

  /** Another nick, in all tabs. @throws MinimixError rejects with `room-nick-conflict`, `room-nick-not-acceptable` */
  setNick(nick: string): Promise<void> {
    return this.done(callBroker(this.link, 'setNick', { room: this.jid, nick: nickname(nick, 'setNick(nick)') }))
  }

  /** An empty text takes the subject away. */
  setSubject(subject: string): Promise<void> {
    mustBe(typeof subject === 'string', 'setSubject(text): the text must be a string')
    return this.done(callBroker(this.link, 'setSubject', { room: this.jid, text: subject }))
  }

  /** What somebody may do while they are there (XEP-0045 section 8). */
  setRole(nick: string, role: Role, reason?: string): Promise<void> {
    const args = { nick: nickname(nick, 'setRole(nick)'), role: oneOf(role, ROLES, 'setRole(…, role)') }
    return this.done(this.#ask('setRole', { ...args, ...why(reason) }))
  }

  /** What somebody is to the room, there or not (XEP-0045 section 9). */
  setAffiliation(jid: string, affiliation: Affiliation, reason?: string): Promise<void> {
    const args = {
      jid: bareJid(jid, 'setAffiliation(jid)'),
      affiliation: oneOf(affiliation, AFFILIATIONS, 'setAffiliation(…, affiliation)'),
    }
    return this.done(this.#ask('setAffiliation', { ...args, ...why(reason) }))
  }

  /** Takes somebody out; they may come back. */
  kick(nick: string, reason?: string): Promise<void> {
    return this.setRole(nick, 'none', reason)
  }

  /**
   * Takes somebody out for good.
   *
   * @param person a bare JID, or the nick of an occupant whose JID the room shows us
   */
  ban(person: string, reason?: string): Promise<void> {
    return this.setAffiliation(personJid(person, this.occupants, 'ban(person)'), 'outcast', reason)
  }

  /** Everybody of an affiliation or a role. */
  list(of: { readonly affiliation: Affiliation } | { readonly role: Role }): Promise<readonly ListedPerson[]> {
    record(of, 'list(of)')
    if ('role' in of) oneOf(of.role, ROLES, 'list({ role })')
    else oneOf(of.affiliation, AFFILIATIONS, 'list({ affiliation })')
    return this.#ask('list', of)
  }

  /** Asks somebody in, through the room. */
  invite(jid: string, reason?: string): Promise<void> {
    return this.#post({ post: 'invite', jid: bareJid(jid, 'invite(jid)'), ...why(reason) })
  }

  /** Asks the moderators to be allowed to speak. */
  requestVoice(): Promise<void> {
    return this.#post({ post: 'request-voice' })
  }

  /** A moderator's answer to the event `voice-request`. */
  answerVoiceRequest(request: VoiceRequest, allow: boolean): Promise<void> {
    mustBe(typeof request?.nick === 'string', 'answerVoiceRequest(request): not what came with the event')
    mustBe(typeof allow === 'boolean', 'answerVoiceRequest(…, allow) must be a boolean')
    return this.#post({ post: 'answer-voice', request, allow })
  }

  /** The room's configuration form, for its owners. */
  configuration(): Promise<Form> {
    return this.#ask('configuration', null)
  }

  /**
   * Configures the room: a form that `configuration()` gave with some values changed, or the changed values alone.
   * Without anything a new room takes its defaults.
   */
  configure(form?: Form | FormValues, values?: FormValues): Promise<void> {
    mustBe(
      form === undefined || (typeof form === 'object' && form !== null),
      'configure(form) must be a form or values',
    )
    const isForm = form !== undefined && Array.isArray((form as Form).fields)
    const args = isForm ? { form: form as Form, ...(values && { values }) } : form ? { values: form as FormValues } : {}
    return this.done(this.#ask('configure', args).then(() => this.#configured()))
  }

  /** Gives a new room up before it is configured: it is destroyed. */
  cancelConfiguration(): Promise<void> {
    return this.done(this.#ask('cancelConfiguration', null).then(() => this.#configured()))
  }

  /** Ends the room for everybody; `alternate` is the room where it goes on. */
  destroy(
    options: { readonly reason?: string; readonly alternate?: string; readonly password?: string } = {},
  ): Promise<void> {
    const { reason, alternate, password } = options
    optional(password, 'string', 'destroy({ password })')
    const where = alternate === undefined ? undefined : bareJid(alternate, 'destroy({ alternate })')
    return this.done(this.#ask('destroy', given({ ...why(reason), alternate: where, password })))
  }

  /** The nick that the room keeps for us, or `undefined` (XEP-0045 section 7.12). */
  reservedNick(): Promise<string | undefined> {
    return this.#ask('reservedNick', null).then((nick) => nick ?? undefined)
  }

  /** What the room wants to know of us before it keeps a nick for us (XEP-0045 section 7.10). */
  registration(): Promise<Registration> {
    return this.#ask('registration', null)
  }

  register(form: Form, values: FormValues): Promise<void> {
    mustBe(Array.isArray(form?.fields), 'register(form): not what registration() gave')
    return this.done(this.#ask('register', { form, values }))
  }

  /**
   * Whether this tab shows the room now, for an app with a list of rooms: what comes while the room is shown in a tab
   * that is visible is read. Shown unless said.
   */
  setShown(shown: boolean): Promise<void> {
    mustBe(typeof shown === 'boolean', 'setShown(shown) must be a boolean')
    this.#shown = shown
    // A worker that does not know of the room, or a later one, hears it with the join.
    if (!this.#wanted) return Promise.resolve()
    return this.done(callBroker(this.link, 'showRoom', { room: this.jid, shown }))
  }

  override take(event: RoomTabEvent | UnreadTabEvent): void {
    if (event.kind === 'removed' || event.kind === 'destroyed' || event.kind === 'left') this.#wanted = undefined
    super.take(event)
  }

  /** For the account alone: there is another worker, which knows nothing of this tab's rooms. */
  async joinAgain(): Promise<void> {
    const wanted = this.#wanted
    if (!wanted || this.#entering > 0) return
    // The nick in use is the account's; the one asked for at first may be somebody else's by now.
    const nick = this.nick ?? wanted.nick
    try {
      const words = this.#goingOn({ ...wanted, nick, takeover: false })
      await callBroker(this.link, 'join', this.#asShown(words), { timeoutMs: JOIN_MS })
    } catch (error) {
      // Another one has taken its place, or there will be another worker, for which this is done again.
      if (this.#wanted !== wanted || (error instanceof MinimixError && error.code === 'worker-gone')) return
      this.take({ kind: 'left', room: this.jid, everywhere: false })
      this.settle()
      throw error
    }
  }

  #ask<N extends RoomQuestionName>(name: N, args: RoomQuestions[N]['args']): Promise<RoomQuestions[N]['value']> {
    // The worker answers each question by its own kind of value; over the wire they are one call.
    const question = { room: this.jid, name, args } as Parameters<typeof callBroker<'askRoom'>>[2]
    return callBroker(this.link, 'askRoom', question, { timeoutMs: CALL_MS + 5_000 }) as Promise<
      RoomQuestions[N]['value']
    >
  }

  #post(post: RoomPost): Promise<void> {
    return this.done(callBroker(this.link, 'postToRoom', { room: this.jid, post }, { timeoutMs: JOIN_MS }))
  }

  #configured(): void {
    this.view.needsConfiguration = false
    this.invalidate()
    this.settle()
  }

  #setPhase(phase: RoomPhase): void {
    this.view.phase = phase
    this.invalidate()
    this.settle()
  }
}

function why(reason: string | undefined): { readonly reason?: string } {
  optional(reason, 'string', 'reason')
  return given({ reason })
}
