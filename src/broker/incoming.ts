import { type Envelope, readEnvelope } from '../protocol/stanza.ts'
import type { XmlNode } from '../protocol/xml.ts'
import type { Account } from './account.ts'
import type { ArchivePages } from './archive-pages.ts'
import type { Conversations } from './conversations.ts'
import type { Plugins } from './plugins.ts'
import type { Clock } from './ports.ts'
import type { Requests } from './requests.ts'
import { answerRequest } from './responder.ts'
import type { Rooms } from './rooms.ts'
import type { Session } from './session.ts'

export interface Receivers {
  readonly session: Session
  readonly requests: Requests
  readonly pages: ArchivePages
  readonly rooms: Rooms
  readonly account: Account
  readonly conversations: Conversations
  readonly plugins: Plugins
  readonly clock: Clock
  /** What means nothing to rooms and account may be for what is not loaded yet. @returns resolves when it is */
  readonly later: (envelope: Envelope, stanza: XmlNode) => Promise<void> | undefined
  /** What else the account says it can do. */
  readonly features: readonly string[]
  /** Told of all that came, but for answers and for requests that have one. */
  readonly onStanza: (stanza: XmlNode, handled: boolean) => void
}

/**
 * Gives each stanza to whom it is for: the first one to whom it means something.
 *
 * @returns where it cannot be told yet whom it is for: it is to be given here again when that resolves
 */
export function receive(to: Receivers, stanza: XmlNode): Promise<void> | undefined {
  if (to.session.word(stanza)) return undefined
  const envelope = readEnvelope(stanza)
  if (!envelope) return undefined
  let waits: Promise<void> | undefined
  try {
    const handled = isOfTheCore(to, envelope, stanza)
    waits = handled ? undefined : to.later(envelope, stanza)
    if (!waits) deliver(to, envelope, stanza, handled)
  } finally {
    // Counted whatever comes of it: one that cannot be understood is not to come again.
    if (!waits) to.session.taken()
  }
  return waits
}

function isOfTheCore(to: Receivers, envelope: Envelope, stanza: XmlNode): boolean {
  const { kind, from, type } = envelope
  if (kind === 'iq') return type === 'result' || type === 'error'
  return to.pages.take(from, stanza) || to.rooms.stanza(from, stanza) || to.account.stanza(envelope, stanza)
}

function deliver(to: Receivers, envelope: Envelope, stanza: XmlNode, taken: boolean): void {
  const { kind } = envelope
  const chats = to.conversations.chats
  const handled =
    kind === 'iq'
      ? receiveIq(to, envelope, stanza)
      : taken || chats?.stanza(stanza) || to.plugins.stanza(envelope, stanza)
  if (kind !== 'iq' || !handled) to.onStanza(stanza, handled)
}

/** @returns false for a request that nobody here knows */
function receiveIq(to: Receivers, envelope: Envelope, stanza: XmlNode): boolean {
  if (envelope.type === 'result' || envelope.type === 'error') {
    to.requests.answer(envelope, stanza)
    return true
  }
  const answer =
    to.account.blocking.push(envelope, stanza) ??
    to.plugins.answer(envelope, stanza) ??
    answerRequest(envelope, stanza, to.clock.nowMs(), to.features)
  if (answer) to.session.send(answer)
  return answer?.attrs['type'] === 'result'
}
