import { type ChatWord, readChatWord } from '../protocol/chat-message.ts'
import type { RoomMessage } from '../protocol/room-stanza.ts'
import { receipt, wantsReceipt } from '../protocol/xep-0184-receipts.ts'
import { tabActs } from '../rooms/actions.ts'
import { wasAmended } from '../rooms/amendments.ts'
import { pageArrived } from '../rooms/catch-up.ts'
import { type Effect, tellAll } from '../rooms/effects.ts'
import { forgottenBefore } from '../rooms/gaps.ts'
import type { Input } from '../rooms/inputs.ts'
import { appendMessage } from '../rooms/messages.ts'
import {
  answerPending,
  doubtSent,
  failDoubtful,
  failSending,
  flush,
  giveUp,
  resolveDoubts,
  tabSends,
  workerSays,
} from '../rooms/outbox.ts'
import { remember } from '../rooms/past.ts'
import type { CallId, Context, Cursor, Room, TabId } from '../rooms/room.ts'
import { noteTyping, settleTyping, tabIsTyping } from '../rooms/room-typing.ts'
import { errorFor } from '../rooms/send-error.ts'
import { showTo } from '../rooms/showing.ts'
import { isKnown, messageKey, noteOnce, openGap } from '../rooms/timeline.ts'
import { displayed, settleUnread, skipTo, tabShows, unreadCounted } from '../rooms/unread.ts'
import { believeArchive } from './chat.ts'

/** How something that was said came here: just now, read up after an outage, or with the first look into the archive. */
export type Came = 'live' | 'missed' | 'past'

/** One thing that happened to a chat; what happens to rooms alone means nothing to it. */
export type ChatInput =
  | Input
  | {
      readonly on: 'tab-listens'
      readonly tab: TabId
      readonly call: CallId
      readonly shown: boolean
      /** The tab has listened before: it wants what came behind this message. */
      readonly after: Cursor | undefined
    }
  | { readonly on: 'word'; readonly word: ChatWord; readonly came: Came; readonly answers: boolean }
  /** The server has taken over a message of ours. */
  | { readonly on: 'handled'; readonly id: string }
  /** Nobody can say for now what was said meanwhile; `lost`: nor what became of what went out. */
  | { readonly on: 'away'; readonly lost: boolean }
  /** All is known again; `archive`: which has been asked, and `failed` where it did not answer. */
  | { readonly on: 'caught-up'; readonly archive: boolean; readonly failed: boolean }
  /** The same session goes on. */
  | { readonly on: 'back' }
  /** Something was said that will not be read up: whoever asks for it later finds it in the archive. */
  | { readonly on: 'missed-some' }

/** What one thing that happened makes of a chat: changed in place, as a room is, and what is to be done comes back. */
export function stepChat(chat: Room, input: ChatInput, context: Context): Effect[] {
  const out: Effect[] = []
  take(chat, input, context, out)
  settleTyping(chat, context, out)
  settleUnread(chat, context, out)
  return out
}

function take(chat: Room, input: ChatInput, context: Context, out: Effect[]): void {
  switch (input.on) {
    case 'loaded':
      if (chat.loaded) return
      remember(chat, input.past)
      chat.occupancy = { at: 'in', password: undefined }
      return
    case 'tab-listens':
      chat.holds.set(input.tab, { ask: askOf(input, context.account), state: 'waiting', call: input.call })
      return showTo(chat, input.tab, out)
    case 'tab-gone':
      return void chat.holds.delete(input.tab)
    case 'tab-back': {
      const hold = chat.holds.get(input.tab)
      if (!hold) return
      chat.holds.set(input.tab, { ...hold, ask: { ...hold.ask, after: input.after ?? hold.ask.after } })
      return showTo(chat, input.tab, out)
    }
    case 'tab-sends':
      return tabSends(chat, input, context, out)
    case 'worker-says':
      return workerSays(chat, input, context, out)
    case 'tab-acts':
      return tabActs(chat, input, context, out)
    case 'tab-gives-up':
      return giveUp(chat, input.id, input.call, out)
    case 'tab-shows':
      return tabShows(chat, input.tab, input.shown)
    case 'word':
      return wordArrived(chat, input, context, out)
    case 'handled':
      return handled(chat, input.id, context, out)
    case 'marked':
      out.push({ do: 'append', message: input.message })
      if (input.forget) out.push({ do: 'forget-kept', ...input.forget })
      return tellAll(chat, { kind: 'message-updated', message: input.message, change: 'state' }, out)
    case 'away':
      chat.suspended = true
      if (input.lost) doubtSent(chat)
      return
    case 'caught-up':
      believeArchive(chat, input.archive)
      if (input.archive && !input.failed) resolveDoubts(chat)
      else failDoubtful(chat, out)
      chat.suspended = false
      return flush(chat, context, out)
    case 'back':
      chat.suspended = false
      return flush(chat, context, out)
    case 'missed-some':
      openGap(chat.timeline)
      return
    case 'archive-page':
      return pageArrived(chat, input, context, out)
    case 'amended':
      return wasAmended(chat, input, context, out)
    case 'trimmed':
      chat.timeline.gaps = forgottenBefore(chat.timeline.gaps, input.first)
      return
    case 'displayed':
      return displayed(chat, input.id, input.call, out)
    case 'unread-counted':
      return unreadCounted(chat, input.counted, context, out)
    case 'tab-types':
      return tabIsTyping(chat, input, context, out)
    case 'time':
      if (input.name === 'typing') chat.typing.wakeAtMs = undefined
      if (input.name.startsWith('send ')) answerPending(chat, input.name.slice('send '.length), out)
  }
}

/** A tab is shown nothing of what was said before: it asks for that. */
const askOf = ({ shown, after }: Extract<ChatInput, { on: 'tab-listens' }>, nick: string) => ({
  nick,
  password: undefined,
  history: { maxstanzas: 0 },
  shown,
  after,
})

function wordArrived(
  chat: Room,
  { word, came, answers }: Extract<ChatInput, { on: 'word' }>,
  context: Context,
  out: Effect[],
): void {
  const { means, own } = word
  if (means.kind === 'message') {
    if (own && isHere(chat, means)) return
    if (came === 'live') noteTyping(chat, means, context)
    const before = chat.timeline.nextOrder
    appendMessage(chat, means, context, out, came === 'live')
    if (came === 'past') skipTo(chat)
    else if (came === 'live' && !own && !word.copied && answers && chat.timeline.nextOrder > before)
      confirm(word, means, context, out)
  } else if (means.kind === 'receipt') {
    // What they have, our own server has had, too.
    if (own) return
    handled(chat, means.id, context, out)
    out.push({ do: 'mark', mark: { is: means.is, target: means.id } })
  } else if (means.id !== undefined && !own) {
    const error = errorFor(`send to ${chat.jid}`, means.error)
    if (chat.sending.has(means.id)) failSending(chat, means.id, error, out)
    else out.push({ do: 'mark', mark: { is: 'failed', target: means.id, error } })
  }
}

/** What this browser said has its place without the id that the archive gave it later. */
function isHere({ timeline, sending }: Room, message: RoomMessage): boolean {
  if (message.archiveId === undefined || (message.originId !== undefined && sending.has(message.originId))) return false
  if (!isKnown(timeline, messageKey({ ...message, archiveId: undefined }))) return false
  noteOnce(timeline, messageKey(message))
  return true
}

function confirm({ from }: ChatWord, { stanza, stanzaId }: RoomMessage, context: Context, out: Effect[]): void {
  if (stanzaId === undefined || !wantsReceipt(stanza) || !context.online) return
  out.push({ do: 'send', stanza: receipt(from, context.newId(), stanzaId) })
}

/** Nobody gives back what we say to one person: it has its place once our own server has it. */
function handled(chat: Room, id: string, context: Context, out: Effect[]): void {
  const sending = chat.sending.get(id)
  if (!sending || sending.state === 'queued') return
  const means = readChatWord(sending.stanza, context.account)?.means
  if (means?.kind === 'message') appendMessage(chat, means, context, out, false)
}
