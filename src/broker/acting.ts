import type { ActCall } from '../contract/actions.ts'
import type { Calls, SharedMessage } from '../contract/api.ts'
import { failure } from '../contract/errors.ts'
import { moderationRequest } from '../protocol/xep-0425-moderate.ts'
import type { CallId, TabId } from '../rooms/room.ts'
import { noSuchMessage } from '../rooms/send-error.ts'
import { resultOf } from './answers.ts'
import type { Desk } from './tab-calls.ts'

type ActingDesk = Pick<Desk, 'tabs' | 'session' | 'targets' | 'room' | 'stepRoom' | 'nickIn' | 'ask' | 'newId'>

/** A tab says something. Where it answers a message that one is looked for first. */
export function say({ targets, stepRoom }: ActingDesk, tab: TabId, call: CallId, args: Calls['send']['args']): void {
  targets.find(args.room, args.replyTo, (answers) =>
    stepRoom(args.room, { on: 'tab-sends', tab, call, ...args, answers }),
  )
}

/** A tab does something to a message. */
export function act(desk: ActingDesk, tab: TabId, call: CallId, { room, act, ...args }: ActCall): void {
  desk.targets.find(room, args.target, (message) => {
    if (act.act === 'moderate') moderate(desk, tab, call, { room, reason: act.reason, target: args.target }, message)
    else desk.stepRoom(room, { on: 'tab-acts', tab, call, ...args, act, message })
  })
}

type Moderation = { readonly room: string; readonly target: string; readonly reason: string | undefined }

/** It is no message: the room is asked, and tells everybody. */
function moderate(
  { tabs, session, room: roomOf, nickIn, ask, newId, stepRoom }: ActingDesk,
  tab: TabId,
  call: CallId,
  { room, target, reason }: Moderation,
  message: SharedMessage | undefined,
): void {
  const what = `moderate in ${room}`
  if (nickIn(room, tab) === undefined) return tabs.fail(call, failure('not-joined', `${what}: this tab has not joined`))
  if (!session.online) return tabs.fail(call, failure('offline', `${what}: no connection to the room`))
  if (!message?.archived) return tabs.fail(call, noSuchMessage(room, target))
  const request = moderationRequest(room, newId(), { id: message.id, reason }, roomOf(room)?.features)
  if (!request) {
    const condition = 'feature-not-implemented'
    return tabs.fail(call, failure('stanza-error', `${what}: the room cannot do it`, { condition }))
  }
  ask(request, (answer) => {
    const found = resultOf(answer, what)
    if ('error' in found) tabs.fail(call, found.error)
    else stepRoom(room, { on: 'moderated', id: message.id, call })
  })
}
