import { occupantPresence } from '../protocol/room-presence.ts'
import type { RoomError, RoomStanza } from '../protocol/room-stanza.ts'
import { tabActs, wasModerated } from './actions.ts'
import { wasAmended } from './amendments.ts'
import { gapsClosed, pageArrived, pageFailed, storedRead } from './catch-up.ts'
import { type Effect, tellAll } from './effects.ts'
import { complete, discoArrived, keepForLater, subjectArrived } from './entered.ts'
import { enter, joinTimedOut, keep, loaded, refused, tabIsBack, tabJoins } from './entering.ts'
import { forgottenBefore } from './gaps.ts'
import type { Input } from './inputs.ts'
import { graceOver, left, letGo, tabGone, tabLeaves } from './leaving.ts'
import { appendMessage, isLeftToArchive } from './messages.ts'
import { answersRename, regain, renameRefused, renameTimedOut, tabRenames } from './nick.ts'
import { noticeArrived } from './notices.ts'
import { answerPending, giveUp, messageRefused, tabSends, workerSays } from './outbox.ts'
import { endAnswered } from './own-end.ts'
import { pinged } from './pinged.ts'
import { postPassed, postRefused, tabPosts } from './posts.ts'
import { presenceArrived } from './presences.ts'
import { deviceWhispered, privateMessageArrived, tabWhispers } from './private-messages.ts'
import { resync, settleList } from './resync.ts'
import { type Context, ownNick, type Room } from './room.ts'
import { noteTyping, settleTyping, tabIsTyping } from './room-typing.ts'
import { lookedAt, quietFor } from './self-ping.ts'
import { inherit, streamIs } from './session.ts'
import { subjectChanged, subjectRefused, subjectTimedOut, tabSetsSubject } from './subject.ts'
import { displayed, settleUnread, tabShows, unreadCounted } from './unread.ts'

/**
 * What one thing that happened makes of a room. The room is changed in place (it has one owner, the broker); all that
 * is to be done in the world comes back as data, in the order in which it must be done.
 */
export function step(room: Room, input: Input, context: Context): Effect[] {
  const out: Effect[] = []
  take(room, input, context, out)
  settleList(room, context, out)
  settleUnread(room, context, out)
  settleTyping(room, context, out)
  return out
}

function take(room: Room, input: Input, context: Context, out: Effect[]): void {
  switch (input.on) {
    case 'stanza':
      room.heardAtMs = context.nowMs
      return stanzaArrived(room, input.stanza, context, out)
    case 'tab-joins':
      return tabJoins(room, input.tab, input.call, input.ask, context, out)
    case 'tab-leaves':
      return tabLeaves(room, input, context, out)
    case 'tab-back':
      return tabIsBack(room, input.tab, input.after, context, out)
    case 'tab-gone':
      return tabGone(room, input.tab, out)
    case 'tab-sends':
      return tabSends(room, input, context, out)
    case 'tab-acts':
      return tabActs(room, input, context, out)
    case 'worker-says':
      return workerSays(room, input, context, out)
    case 'tab-types':
      return tabIsTyping(room, input, context, out)
    case 'tab-whispers':
      return tabWhispers(room, input, context, out)
    case 'device-whispered':
      return deviceWhispered(room, input.message, context, out)
    case 'tab-renames':
      return tabRenames(room, input.tab, input.call, input.nick, context, out)
    case 'tab-sets-subject':
      return tabSetsSubject(room, input.tab, input.call, input.text, context, out)
    case 'configured':
      room.configuring = undefined
      room.fresh = false
      return
    case 'ending':
      room.ending.add(input.id)
      return
    case 'end-answered':
      return endAnswered(room, input.id, input.ended, context, out)
    case 'kept':
      return input.kept ? keep(room, input.kept, context, out) : letGo(room, context, out)
    case 'loaded':
      return loaded(room, input.past, context, out)
    case 'disco':
      return discoArrived(room, input.features, input.config, context, out)
    case 'self-ping':
      return pinged(room, input.found, context, out)
    case 'tab-gives-up':
      return giveUp(room, input.id, input.call, out)
    case 'archive-page':
      return pageArrived(room, input, context, out)
    case 'amended':
      return wasAmended(room, input, context, out)
    case 'moderated':
      return wasModerated(room, input.id, input.call, context, out)
    case 'trimmed':
      room.timeline.gaps = forgottenBefore(room.timeline.gaps, input.first)
      return
    case 'archive-failed':
      return pageFailed(room, input.endless === true, context, out)
    case 'gaps-closed':
      return gapsClosed(room, context, out)
    case 'stored-read':
      return storedRead(room, input.read, context, out)
    case 'tab-posts':
      return tabPosts(room, input, context, out)
    case 'post-passed':
      return postPassed(room, input.id, out)
    case 'time':
      return timePassed(room, input.name, context, out)
    case 'stream':
      return streamIs(room, input.is, context, out)
    case 'inherited':
      return inherit(room, input, out)
    case 'presence':
      return showPresence(room, context, out)
    case 'visible':
      return lookedAt(room, context, out)
    case 'tab-shows':
      return tabShows(room, input.tab, input.shown)
    case 'displayed':
      return displayed(room, input.id, input.call, out)
    case 'unread-counted':
      return unreadCounted(room, input.counted, context, out)
  }
}

function stanzaArrived(room: Room, stanza: RoomStanza, context: Context, out: Effect[]): void {
  const { occupancy } = room
  switch (stanza.kind) {
    case 'presence':
      return presenceArrived(room, stanza, context, out)
    case 'presence-error':
      return presenceRefused(room, stanza, context, out)
    case 'message':
      if (occupancy.at === 'joining') keepForLater(occupancy, stanza)
      else if (occupancy.at === 'in') {
        if (isLeftToArchive(room, stanza)) return
        noteTyping(room, stanza, context)
        appendMessage(room, stanza, context, out)
      }
      // Until the room has let us go nothing is missing: what is left out now would be missing for good.
      else if (isGoing(room)) appendMessage(room, stanza, context, out, false)
      return
    case 'private-message':
      if (occupancy.at === 'in' || (occupancy.at === 'joining' && occupancy.self))
        privateMessageArrived(room, stanza, context, out)
      return
    case 'subject':
      if (occupancy.at === 'joining' && occupancy.self) subjectArrived(room, occupancy, stanza, context, out)
      else if (occupancy.at === 'in') subjectChanged(room, stanza, context, out)
      return
    case 'notice':
      if (occupancy.at === 'in') noticeArrived(room, stanza, out)
      return
    case 'voice-request':
      tellAll(room, { kind: 'voice-request', room: room.jid, request: stanza.request }, out)
      return
    case 'message-error':
      if (!postRefused(room, stanza, out) && !subjectRefused(room, stanza, out))
        messageRefused(room, stanza, context, out)
  }
}

/** We were in, and the room has not let us go yet. */
const isGoing = ({ occupancy, roster }: Room): boolean => occupancy.at === 'leaving' && roster.ownNick !== undefined

function presenceRefused(room: Room, error: RoomError, context: Context, out: Effect[]): void {
  const { occupancy } = room
  if (occupancy.at === 'joining') {
    if (!occupancy.self && (error.id === undefined || error.id === occupancy.id))
      refused(room, occupancy, error, context, out)
  } else if (occupancy.at === 'leaving') left(room, context, out)
  else if (occupancy.at !== 'in') return
  else if (answersRename(room, error)) renameRefused(room, error, context, out)
  // A presence of ours that the room answers like this is from somebody who is not there: Prosody's word for a ghost.
  else if (error.error.condition === 'item-not-found') pinged(room, 'out', context, out)
}

function timePassed(room: Room, name: string, context: Context, out: Effect[]): void {
  const { occupancy } = room
  if (name === 'join' && occupancy.at === 'joining') joinTimedOut(room, occupancy, context, out)
  else if (name === 'settle' && occupancy.at === 'joining' && occupancy.self) complete(room, occupancy, context, out)
  else if (name === 'leave') left(room, context, out)
  else if (name === 'grace') graceOver(room, context, out)
  else if (name === 'rejoin' && (occupancy.at === 'interrupted' || occupancy.at === 'out')) enter(room, context, out)
  else if (name === 'rename') renameTimedOut(room, context, out)
  else if (name === 'regain') regain(room, context, out)
  else if (name === 'quiet') quietFor(room, context, out)
  else if (name === 'typing') room.typing.wakeAtMs = undefined
  else if (name === 'catch-up' && room.catchUp) out.push({ do: 'catch-up' })
  else if (name.startsWith('send ')) answerPending(room, name.slice('send '.length), out)
  else if (name.startsWith('subject ')) subjectTimedOut(room, name.slice('subject '.length), out)
}

/** Others see what the account shows now. Only in a room where we surely are: elsewhere it would be a join. */
function showPresence(room: Room, context: Context, out: Effect[]): void {
  if (room.occupancy.at !== 'in' || !context.online) return
  // What asks for the list shows it, too, when it may.
  if (room.ending.size > 0) return resync(room)
  out.push({ do: 'send', stanza: occupantPresence(`${room.jid}/${ownNick(room)}`, context.newId(), context) })
}
