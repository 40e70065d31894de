import { AVATARS } from '../contract/avatars.ts'
import { DIRECTORY } from '../contract/directory.ts'
import { type Failure, failure } from '../contract/errors.ts'
import { FILES } from '../contract/files.ts'
import type { Plugin } from '../contract/plugin.ts'
import { PROFILE } from '../contract/profile.ts'
import { ROSTER } from '../contract/roster.ts'
import { bareOf } from '../protocol/jid.ts'
import type { Envelope } from '../protocol/stanza.ts'
import { readAvatarId, readAvatarUpdate } from '../protocol/xep-0153-vcard-avatar.ts'
import { child, type XmlNode } from '../protocol/xml.ts'
import type { ArchivePages } from './archive-pages.ts'
import type { Chats, ChatsWorld } from './chats.ts'
import type { DirectedPresence } from './directed-presence.ts'
import type { postStanza } from './room-posts.ts'
import type { ROOM_QUESTIONS } from './room-questions.ts'

/** What an account that is in rooms, and no more, never needs: it is loaded when something first wants it. */
export interface Later {
  readonly newChats: (world: Omit<ChatsWorld, 'archive'> & ArchiveWorld) => Chats
  /** Before those of the application. */
  readonly plugins: readonly Plugin[]
  readonly questions: typeof ROOM_QUESTIONS
  readonly postStanza: typeof postStanza
  readonly newDirected: (...world: ConstructorParameters<typeof DirectedPresence>) => DirectedPresence
}

export interface ArchiveWorld {
  readonly ownJid: () => string
  readonly pages: ArchivePages
}

/** The plug-ins among them, by name. */
export const LATE_PLUGINS: readonly string[] = [AVATARS, DIRECTORY, FILES, PROFILE, ROSTER]
/** In the store: the worker before had them, so that they may have left something. Plug-ins have names of their own. */
export const NEEDED = { part: '', key: 'later' } as const
/** What a call is answered with that needs one of them, where they cannot be had. */
export const notLoaded = (what: string): Failure =>
  failure('worker-error', `${what}: a part of the worker cannot be loaded`)

/** Whether what means nothing to anybody else may be for one of them: somebody speaks, shows something, or has a picture. */
export function meansLater(
  { kind, from, type }: Envelope,
  stanza: XmlNode,
  account: string,
  isRoom: (jid: string) => boolean,
): boolean {
  if (kind === 'iq') return type === 'set' && child(stanza, 'jabber:iq:roster', 'query') !== undefined
  const jid = from === undefined ? account : bareOf(from)
  if (kind === 'message') return type !== 'error' && type !== 'groupchat' && !isRoom(jid)
  if (isRoom(jid)) return from === jid && readAvatarId(readAvatarUpdate(stanza) ?? '') !== undefined
  return type !== 'error' && type !== 'unavailable' && jid !== account
}
