import { readAmendment } from './amendment.ts'
import { bareOf, domainOf, resourceOf } from './jid.ts'
import type { RoomError, RoomMessage } from './room-stanza.ts'
import { readSaid } from './said.ts'
import { message, NS_CLIENT } from './stanza.ts'
import { readStanzaError } from './stanza-error.ts'
import { NS_MUC_USER } from './xep-0045-muc.ts'
import { readChatState } from './xep-0085-chat-states.ts'
import { readReceipt, receiptRequest } from './xep-0184-receipts.ts'
import { readDelay } from './xep-0203-delay.ts'
import { markable, readDisplayedMarker } from './xep-0333-markers.ts'
import { originId, readOriginId, readStanzaId } from './xep-0359-stanza-id.ts'
import { child, childText, type XmlNode } from './xml.ts'

/** Somebody has one of the messages of a chat, or has displayed it. */
export interface ChatReceipt {
  readonly kind: 'receipt'
  readonly is: 'delivered' | 'displayed'
  /** As its sender chose it. */
  readonly id: string
  /** In the account's archive. */
  readonly archiveId: string | undefined
}

/** What was said between the account and one person: everybody goes by their bare JID. */
export interface ChatWord {
  /** The bare JID of whom the account talks to. */
  readonly peer: string
  /** The full JID that it came from. */
  readonly from: string
  /** The account said it, on whichever device. */
  readonly own: boolean
  /** Another device has sent it or got it, and this is a copy. */
  readonly copied?: boolean
  readonly means: RoomMessage | ChatReceipt | RoomError
}

/**
 * A message to one person, under one id that is also its origin id.
 *
 * @param asks whether it has arrived, and has been displayed (XEP-0184, XEP-0333)
 */
export function chatMessage(to: string, id: string, what: readonly XmlNode[], asks: boolean): XmlNode {
  return message({ to, id, type: 'chat' }, ...what, originId(id), ...(asks ? [receiptRequest(), markable()] : []))
}

/**
 * What a message means that is between the account and one person. `undefined` for what is said in rooms, or by way of
 * them.
 *
 * @param archiveId under which the account's archive has it, where it is known from elsewhere than the message itself
 */
export function readChatWord(stanza: XmlNode, account: string, archiveId?: string): ChatWord | undefined {
  const { from = account, to = account, type = 'normal' } = stanza.attrs
  if (type !== 'chat' && type !== 'normal' && type !== 'error') return undefined
  if (child(stanza, NS_MUC_USER, 'x')) return undefined
  const own = bareOf(from) === account
  if (!own && bareOf(to) !== account) return undefined
  const means = readMeaning(stanza, account, own ? account : bareOf(from), archiveId)
  return means && { peer: own ? bareOf(to) : bareOf(from), from, own, means }
}

function readMeaning(
  stanza: XmlNode,
  account: string,
  speaker: string,
  known: string | undefined,
): ChatWord['means'] | undefined {
  const { id: stanzaId, type, from = '' } = stanza.attrs
  if (type === 'error')
    return { kind: 'message-error', id: stanzaId, nick: resourceOf(from), error: readStanzaError(stanza) }
  const archiveId = known ?? readStanzaId(stanza, account)
  const text = childText(stanza, NS_CLIENT, 'body')
  const read = text === undefined ? undefined : readSaid(stanza, text)
  const amends = readAmendment(stanza, false)
  if (!text && !amends) {
    const delivered = readReceipt(stanza)
    if (delivered !== undefined) return { kind: 'receipt', is: 'delivered', id: delivered, archiveId }
    const displayed = readDisplayedMarker(stanza)
    if (displayed !== undefined) return { kind: 'receipt', is: 'displayed', id: displayed, archiveId }
    if (readChatState(stanza) === undefined) return undefined
  }
  return {
    kind: 'message',
    nick: speaker,
    archiveId,
    originId: readOriginId(stanza),
    stanzaId,
    body: read?.body,
    said: read?.said,
    // The server kept it while the account was away.
    delayMs: readDelay(stanza, domainOf(account)) ?? readDelay(stanza, account),
    occupantId: undefined,
    amends,
    stanza,
  }
}
