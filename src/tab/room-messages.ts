import type { Act } from '../contract/actions.ts'
import type { SharedMessage } from '../contract/api.ts'
import type { Message } from '../contract/model.ts'
import { isEmoji } from '../protocol/emoji.ts'
import { historyCall, mustBe, optional, text } from './check.ts'
import { given } from './given.ts'
import type { Link } from './link.ts'
import { CALL_MS, callBroker } from './remote.ts'
import { type History, type HistoryOptions, type OutgoingMessage, outgoing, type SendOptions } from './room-options.ts'
import { RoomState } from './room-state.ts'
import { toMessage } from './room-view.ts'
import type { SendFileOptions, Uploads } from './uploads.ts'

/** A page may need several of the archive. */
const HISTORY_MS = 60_000

/** What is said at one address, as this tab sees it: its messages, and what can be done with them. */
export class RoomMessages extends RoomState {
  protected readonly link: Link
  /** It is one person's address. */
  protected readonly isChat: boolean = false
  readonly #uploads: Uploads

  /** Made by the account. */
  constructor(jid: string, tab: string, link: Link, uploads: Uploads) {
    super(jid, tab)
    this.link = link
    this.#uploads = uploads
    this.on('message', (message) => uploads.said(message))
  }

  /**
   * Says something to everybody. Resolves with the message once the room has reflected it; where that takes longer than
   * `timeoutMs`, with the message as it stands then.
   *
   * @throws MinimixError rejects with `stanza-error`, `condition: 'item-not-found'`, where it answers what is not there
   */
  send(message: string | OutgoingMessage, options: SendOptions = {}): Promise<Message> {
    const { body, extras } = outgoing(message)
    const { timeoutMs = CALL_MS, wait = true } = options
    mustBe(typeof timeoutMs === 'number' && timeoutMs >= 0, 'send(…, { timeoutMs }) must be a number of milliseconds')
    optional(wait, 'boolean', 'send(…, { wait })')
    const waitMs = wait ? timeoutMs : 0
    const call = { room: this.jid, id: crypto.randomUUID(), body, ...extras, waitMs }
    return this.#message(callBroker(this.link, 'send', call, { timeoutMs: waitMs + CALL_MS }))
  }

  /**
   * Uploads a file (XEP-0363) and says to everybody where it is. Resolves as `send` does. Once it is begun it goes on without
   * this tab, and with another worker; `account.uploads` shows it in every tab.
   *
   * @throws MinimixError rejects with `aborted`, `not-acceptable` where it is too big (`text` says what is not),
   *   `service-unreachable`, `stanza-error`, `condition: 'feature-not-implemented'`, where the server takes no files
   */
  sendFile(file: Blob, options: SendFileOptions = {}): Promise<Message> {
    const { jid: room, isChat: chat, state } = this
    return this.#uploads.send({ room, chat }, chat || state === 'in' || state === 'interrupted', file, options)
  }

  /** Answers a message (XEP-0461). */
  reply(messageId: string, body: string): Promise<Message> {
    return this.send({ body, replyTo: text(messageId, 'reply(messageId)') })
  }

  /**
   * Puts another text in the place of that of a message of ours, as often as you like (XEP-0308).
   *
   * This and the other calls that do something to a message resolve with it as it is then, once the room has reflected
   * what was done; where that takes too long, as it was: it will go out, and `message-updated` tells of it.
   *
   * @throws MinimixError rejects with `forbidden` where it is not ours, `not-acceptable` where it was taken away,
   *   `stanza-error`, `condition: 'item-not-found'`, where no message has that id
   */
  correct(messageId: string, body: string): Promise<Message> {
    return this.#act(messageId, 'correct', { act: 'correct', body: text(body, 'correct(…, body)') })
  }

  /** Takes a message of ours back, as far as others let it go (XEP-0424). */
  retract(messageId: string): Promise<Message> {
    return this.#act(messageId, 'retract', { act: 'retract' })
  }

  /**
   * Reacts to a message (XEP-0444).
   *
   * @param emojis all that we want to have there, 20 at most: they take the place of those before; `[]` takes them back
   */
  react(messageId: string, emojis: string | readonly string[]): Promise<Message> {
    const all = typeof emojis === 'string' ? [emojis] : emojis
    const right =
      Array.isArray(all) && all.length <= 20 && all.every((each) => typeof each === 'string' && isEmoji(each))
    mustBe(right, 'react(…, emojis) must be emojis')
    return this.#act(messageId, 'react', { act: 'react', emojis: [...new Set(all)] })
  }

  protected moderation(messageId: string, reason: string | undefined): Promise<Message> {
    optional(reason, 'string', 'moderate(…, reason)')
    return this.#act(messageId, 'moderate', given({ act: 'moderate' as const, reason }))
  }

  #act(messageId: string, what: string, act: Act): Promise<Message> {
    const target = text(messageId, `${what}(messageId)`)
    const call = { room: this.jid, id: crypto.randomUUID(), target, act, waitMs: CALL_MS }
    return this.#message(callBroker(this.link, 'act', call, { timeoutMs: 2 * CALL_MS }))
  }

  #message(call: Promise<SharedMessage>): Promise<Message> {
    return call.then((shared) => toMessage(shared, false, this.tab))
  }

  /**
   * Takes back what has not gone out yet.
   *
   * @param messageId of a message in `outbox`
   * @returns false where it is too late: it is on its way, or was delivered
   */
  cancelSend(messageId: string): Promise<boolean> {
    return callBroker(this.link, 'giveUp', { room: this.jid, id: text(messageId, 'cancelSend(messageId)') })
  }

  /**
   * Messages from the archive: those `before`, `after` or `around` the message of that id, else the newest; at most
   * `limit`, 50 if left out. What this browser does not have is asked of the room's archive (XEP-0313).
   *
   * @throws MinimixError rejects with `stanza-error`, `condition: 'item-not-found'`, where no message has that id
   */
  history(options: HistoryOptions = {}): Promise<History> {
    const call = { room: this.jid, ...historyCall(options) }
    return callBroker(this.link, 'history', call, { timeoutMs: HISTORY_MS }).then((page) => ({
      ...page,
      messages: page.messages.map((message) => toMessage(message, true, this.tab)),
    }))
  }

  /**
   * Everything up to this message is read, in all tabs and devices. An older one than was read already changes nothing.
   *
   * @throws MinimixError rejects with `stanza-error`, `condition: 'item-not-found'`, where no message has that id
   */
  markDisplayed(messageId: string): Promise<void> {
    const id = text(messageId, 'markDisplayed(messageId)')
    return this.done(callBroker(this.link, 'markDisplayed', { room: this.jid, id }))
  }

  /** Whether the person types in this tab. It lasts 30 s, and ends with a message; while any tab types others are told so, once. */
  setTyping(typing: boolean): Promise<void> {
    mustBe(typeof typing === 'boolean', 'setTyping(typing) must be a boolean')
    return this.done(callBroker(this.link, 'setTyping', { room: this.jid, typing }))
  }

  protected done(call: Promise<unknown>): Promise<void> {
    return call.then(() => undefined)
  }
}
