// XEP-0085: Chat State Notifications, version 2.1
// https://xmpp.org/extensions/xep-0085.html
import { message } from './stanza.ts'
import { noStoreHint } from './xep-0334-hints.ts'
import { el, elementsOf, type XmlNode } from './xml.ts'

export const NS_CHAT_STATES = 'http://jabber.org/protocol/chatstates'

const STATES = ['active', 'composing', 'paused', 'inactive', 'gone'] as const
export type ChatState = (typeof STATES)[number]

/** What its sender does, where the message says so. */
export function readChatState(message: XmlNode): ChatState | undefined {
  const found = elementsOf(message).find(({ ns }) => ns === NS_CHAT_STATES)
  return STATES.find((state) => state === found?.name)
}

export const chatState = (state: ChatState): XmlNode => el(NS_CHAT_STATES, state)

/** Says nothing but that; no archive keeps it. */
export function chatStateMessage(to: string, type: 'groupchat' | 'chat', id: string, state: ChatState): XmlNode {
  return message({ to, id, type }, chatState(state), noStoreHint())
}
