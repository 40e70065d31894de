import type { SharedMessage } from '../contract/api.ts'
import type { Failure } from '../contract/errors.ts'
import type { RoomError } from '../protocol/room-stanza.ts'
import type { XmlNode } from '../protocol/xml.ts'
import { type Effect, tellAll } from './effects.ts'
import { fail } from './fail.ts'
import { mayAct } from './messages.ts'
import { type CallId, type Context, ownNick, type Room, type TabId } from './room.ts'
import { errorFor } from './send-error.ts'

type Post = { readonly tab: TabId; readonly call: CallId; readonly id: string; readonly stanza: XmlNode }

/**
 * Sends what a room answers only where it refuses: a private message, an invitation, a request for voice. A ping of
 * our own occupant follows; when that is answered everything before it has been dealt with.
 */
export function tabPosts(
  room: Room,
  { tab, call, id, stanza }: Post,
  context: Context,
  out: Effect[],
  message?: SharedMessage,
): void {
  if (!mayAct(room, tab, call, 'message to', context, out)) return
  room.posts.set(id, { call, message })
  out.push({ do: 'send', stanza }, { do: 'pass-post', occupantJid: `${room.jid}/${ownNick(room)}`, id })
}

/** It was not refused. Of a private message the other tabs get a copy: no room reflects it. */
export function postPassed(room: Room, id: string, out: Effect[]): void {
  const post = room.posts.get(id)
  if (!post) return
  room.posts.delete(id)
  const { call, message } = post
  if (message) {
    out.push({ do: 'append-private', message })
    tellAll(room, { kind: 'private-message', message }, out)
  }
  out.push({ do: 'answer', call, value: message ?? null })
}

/** @returns whether the error was meant for one of them */
export function postRefused(room: Room, { id, error }: RoomError, out: Effect[]): boolean {
  const post = id === undefined ? undefined : room.posts.get(id)
  if (id === undefined || !post) return false
  room.posts.delete(id)
  const what = post.message ? `private message to ${post.message.to ?? ''} in` : 'message to'
  const failed = errorFor(`${what} ${room.jid}`, error)
  // Who is not found is somebody in the room, or whom we ask in: the room is there.
  const why: Failure = failed.code === 'room-not-found' ? { ...failed, code: 'stanza-error' } : failed
  fail(post.call, why, out)
  return true
}
