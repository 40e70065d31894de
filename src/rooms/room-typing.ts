import { failure } from '../contract/errors.ts'
import type { RoomMessage } from '../protocol/room-stanza.ts'
import { chatState, chatStateMessage, readChatState } from '../protocol/xep-0085-chat-states.ts'
import type { XmlNode } from '../protocol/xml.ts'
import { type Effect, tellAll } from './effects.ts'
import { fail } from './fail.ts'
import { type CallId, type Context, ownNick, type Room, type TabId } from './room.ts'
import { keepTyping, otherDoes, rests, speaks, tabTypes, toSay, toTell, toWake } from './typing.ts'

type Types = { readonly tab: TabId; readonly call: CallId; readonly typing: boolean }

/** The person types in a tab, or has stopped. The room hears of it at the end of the step, if it is news to it. */
export function tabIsTyping(room: Room, { tab, call, typing }: Types, { nowMs }: Context, out: Effect[]): void {
  if (room.holds.get(tab)?.state !== 'in') {
    fail(call, failure('not-joined', `typing in ${room.jid}: this tab has not joined`), out)
    return
  }
  tabTypes(room.typing, tab, typing, nowMs)
  out.push({ do: 'answer', call, value: null })
}

/** What a message of that tab, or of none, is to say beside its words. */
export function stateWith(room: Room, tab: TabId | undefined): readonly XmlNode[] {
  const state = speaks(room.typing, tab)
  return state ? [chatState(state)] : []
}

/** Somebody types, or has said what they typed. What comes late says nothing of now. */
export function noteTyping(room: Room, message: RoomMessage, { nowMs, isBlocked }: Context): void {
  const { nick, body, delayMs, stanza } = message
  if (nick === undefined || delayMs !== undefined) return
  const occupant = room.roster.byNick.get(nick)
  const state = readChatState(stanza)
  if (!occupant || occupant.ownAccount || (state === undefined && !body)) return
  if (occupant.jid !== undefined && isBlocked?.(occupant.jid)) return
  otherDoes(room.typing, nick, body ? undefined : state, nowMs)
}

/** At the end of each step: the room and the tabs are told what is news to them. */
export function settleTyping(room: Room, context: Context, out: Effect[]): void {
  const { typing, roster, occupancy, holds } = room
  if (rests(typing)) return
  const isIn = occupancy.at === 'in'
  const hears = isIn && !room.suspended
  keepTyping(typing, context.nowMs, { tab: (tab) => holds.has(tab), other: (nick) => hears && roster.byNick.has(nick) })
  if (!isIn) typing.said = undefined
  else if (hears && context.online && roster.byNick.get(ownNick(room))?.role !== 'visitor') {
    const state = toSay(typing)
    if (state) {
      typing.said = state
      out.push({ do: 'send', stanza: chatStateMessage(room.jid, 'groupchat', context.newId(), state) })
    }
  }
  const nicks = toTell(typing)
  if (nicks) tellAll(room, { kind: 'typing', room: room.jid, nicks }, out)
  const ms = toWake(typing, context.nowMs)
  if (ms !== undefined) out.push({ do: 'wait', name: 'typing', ms })
}
