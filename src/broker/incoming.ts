import { type Envelope, readEnvelope } from '../protocol/stanza.ts'
import type { XmlNode } from '../protocol/xml.ts'
import type { Account } from './account.ts'
import type { ArchivePages } from './archive-pages.ts'
import type { Chats } from './chats.ts'
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
  readonly chats: Chats
  readonly plugins: Plugins
  readonly clock: Clock
  /** What else the account says it can do. */
  readonly features: readonly string[]
  /** Told of all that came, but for answers and for requests that have one. */
  readonly onStanza: (stanza: XmlNode, handled: boolean) => void
}

/** Gives each stanza to whom it is for: the first one to whom it means something. */
export function receive(to: Receivers, stanza: XmlNode): void {
  if (to.session.word(stanza)) return
  const envelope = readEnvelope(stanza)
  if (!envelope) return
  // Counted whatever comes of it: one that cannot be understood is not to come again.
  to.session.taken()
  const { kind, from } = envelope
  const handled =
    kind === 'iq'
      ? receiveIq(to, envelope, stanza)
      : to.pages.take(from, stanza) ||
        to.rooms.stanza(from, stanza) ||
        to.account.stanza(envelope, stanza) ||
        to.chats.stanza(stanza) ||
        to.plugins.stanza(envelope, stanza)
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
