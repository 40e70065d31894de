import type { SharedMessage } from '../contract/api.ts'
import { chatMessage } from '../protocol/chat-message.ts'
import { groupchat } from '../protocol/room-message.ts'
import type { XmlNode } from '../protocol/xml.ts'
import type { Room } from './room.ts'

/** A message to everybody there. @param news it says something, and does not only do something to an earlier one */
export const sayIn = (room: Room, id: string, what: readonly XmlNode[], news = false): XmlNode =>
  room.isChat ? chatMessage(room.jid, id, what, news) : groupchat(room.jid, id, what)

/** By which others know a message: in a chat its sender's word for it, as each archive has another one. */
export const idForOthers = ({ to, originId, id }: SharedMessage): string => (to === undefined ? id : (originId ?? id))

/** Whether others mean that message by that id. */
export const isMeant = (message: SharedMessage, id: string): boolean => message.id === id || idForOthers(message) === id
