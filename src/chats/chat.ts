import type { Occupant } from '../contract/model.ts'
import { NS_MAM } from '../protocol/xep-0313-mam.ts'
import { newRoom, type Room } from '../rooms/room.ts'

const CAN = { archive: new Set([NS_MAM]), nothing: new Set<string>() } as const

/**
 * A conversation with one person: a room where everybody goes by their bare JID, which nobody enters and nobody leaves.
 * It is `suspended` as long as something that was said may not be known here.
 */
export function newChat(peer: string, account: string): Room {
  const chat = newRoom(peer, true)
  chat.occupancy = { at: 'loading' }
  chat.suspended = true
  // Whose message it is shows its sender: the same words from another device are another message.
  chat.keepsIds = true
  chat.roster.ownNick = account
  chat.roster.byNick.set(peer, speaker(peer, false))
  chat.roster.byNick.set(account, speaker(account, true))
  return chat
}

function speaker(nick: string, own: boolean): Occupant {
  return { nick, role: 'none', affiliation: 'none', show: 'online', hats: [], own, ownAccount: own }
}

/** Whether the account's own archive (XEP-0313) has what was said. */
export function believeArchive(chat: Room, there: boolean): void {
  chat.features = there ? CAN.archive : CAN.nothing
}
