import type { Message } from '../contract/model.ts'
import { historyCall, mustBe, optional, text } from './check.ts'
import type { Link } from './link.ts'
import { CALL_MS, callBroker } from './remote.ts'
import type { History, HistoryOptions, SendOptions } from './room-options.ts'
import { RoomState } from './room-state.ts'
import { toMessage } from './room-view.ts'

/** A page may need several of the archive. */
const HISTORY_MS = 60_000

/** What is said at one address, as this tab sees it: its messages, and what can be done with them. */
export class RoomMessages extends RoomState {
  protected readonly link: Link

  /** Made by the account. */
  constructor(jid: string, tab: string, link: Link) {
    super(jid, tab)
    this.link = link
  }

  /**
   * Says something to everybody. Resolves with the message once the room has reflected it; where that takes longer than
   * `timeoutMs`, with the message as it stands then.
   */
  send(message: string | { readonly body: string }, options: SendOptions = {}): Promise<Message> {
    const body = text(typeof message === 'string' ? message : message?.body, 'send(body)')
    const { timeoutMs = CALL_MS, wait = true } = options
    mustBe(typeof timeoutMs === 'number' && timeoutMs >= 0, 'send(…, { timeoutMs }) must be a number of milliseconds')
    optional(wait, 'boolean', 'send(…, { wait })')
    const waitMs = wait ? timeoutMs : 0
    const call = { room: this.jid, id: crypto.randomUUID(), body, waitMs }
    const sent = callBroker(this.link, 'send', call, { timeoutMs: waitMs + CALL_MS })
    return sent.then((shared) => toMessage(shared, false, this.tab))
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

  protected done(call: Promise<unknown>): Promise<void> {
    return call.then(() => undefined)
  }
}
