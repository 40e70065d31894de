import type { Act } from '../contract/actions.ts'
import type { SharedMessage } from '../contract/api.ts'
import { failure } from '../contract/errors.ts'
import { sayWords } from '../protocol/said.ts'
import { message } from '../protocol/stanza.ts'
import { storeHint } from '../protocol/xep-0334-hints.ts'
import { retraction } from '../protocol/xep-0424-retract.ts'
import { reactions } from '../protocol/xep-0444-reactions.ts'
import type { XmlNode } from '../protocol/xml.ts'
import type { Effect } from './effects.ts'
import { fail } from './fail.ts'
import { mayQueue, queue, type Send } from './outbox.ts'
import type { CallId, Context, Room } from './room.ts'
import { idForOthers, sayIn } from './say.ts'
import { noSuchMessage } from './send-error.ts'

/** What a tab does to a message that is there. A moderation is no message: the room is asked for it. */
export type Action = Pick<Send, 'tab' | 'call' | 'id' | 'waitMs'> & {
  readonly act: Exclude<Act, { act: 'moderate' }>
  readonly target: string
  /** That message, where it was found. */
  readonly message: SharedMessage | undefined
}

/**
 * A tab corrects, takes back, or reacts. It goes the way of what is said, through the outbox; the message becomes another
 * one when the room reflects it.
 */
export function tabActs(room: Room, action: Action, context: Context, out: Effect[]): void {
  const { id, call, act, target, message } = action
  const what = `${act.act} in`
  if (!mayQueue(room, action, what, out)) return
  const own = act.act === 'react' || message?.own === true
  // What the room has given no id nobody else would know by it, but for corrections.
  if (!message || (act.act !== 'correct' && !message.archived && !room.isChat))
    fail(call, noSuchMessage(room.jid, target), out)
  else if (!own) fail(call, failure('forbidden', `${what} ${room.jid}: ${target} is somebody else's message`), out)
  else if (message.retracted || message.moderated)
    fail(call, failure('not-acceptable', `${what} ${room.jid}: ${target} was taken away`), out)
  else {
    const body = act.act === 'correct' ? act.body : ''
    const stanza = sayIn(room, id, wordsFor(act, message))
    queue(room, action, { stanza, body, about: message.id, was: message }, context, out)
  }
}

/** The room has done what it was asked for. It has told everybody, too: who comes second changes nothing. */
export function wasModerated(room: Room, id: string, call: CallId, { nowMs }: Context, out: Effect[]): void {
  const nobody = { room: room.jid, nick: '', since: 0, body: '', stanza: message({}) }
  const amendment = { kind: 'moderation', target: id, atMs: nowMs, ...nobody } as const
  out.push({ do: 'amend', amendment, call })
}

function wordsFor(act: Action['act'], message: SharedMessage): readonly XmlNode[] {
  switch (act.act) {
    case 'correct': {
      const { originId, id, spoiler, replyTo } = message
      // It stands in place of the whole message: what else was said is said again.
      const reply = replyTo === undefined ? undefined : { id: replyTo, to: message.room }
      return sayWords({ body: act.body, spoiler, reply, corrects: originId ?? id })
    }
    case 'retract':
      return retraction(idForOthers(message))
    case 'react':
      return [reactions({ id: idForOthers(message), emojis: act.emojis }), storeHint()]
  }
}
