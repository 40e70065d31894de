import { parseJid } from './jid.ts'
import { formValue, readForm } from './xep-0004-forms.ts'
import { NS_DISCO_INFO, readDiscoInfo } from './xep-0030-disco.ts'
import { child, type XmlNode } from './xml.ts'

/** What a room is, as it says itself (XEP-0045 section 6.4). */
export interface RoomConfig {
  readonly name?: string
  readonly description?: string
  readonly language?: string
  readonly membersOnly: boolean
  readonly moderated: boolean
  readonly passwordProtected: boolean
  readonly persistent: boolean
  /** Found by searching. */
  readonly public: boolean
  /** Everybody sees everybody's JID. */
  readonly nonAnonymous: boolean
  /** The room keeps its messages (XEP-0313). */
  readonly archived: boolean
  readonly avatarHash?: string
  /** All that the room lists (XEP-0030). */
  readonly features: readonly string[]
}

/** What a room says of itself in a disco#info result (XEP-0045 section 6.4), or `undefined` where that is none. */
export function readRoomConfig(result: XmlNode): RoomConfig | undefined {
  const info = readDiscoInfo(result)
  const query = child(result, NS_DISCO_INFO, 'query')
  if (!info || !query) return undefined
  const form = readForm(query)
  const name = info.identities.find(({ category }) => category === 'conference')?.name
  const description = formValue(form, 'muc#roominfo_description')
  const language = formValue(form, 'muc#roominfo_lang')
  const avatarHash = formValue(form, 'muc#roominfo_avatarhash')
  const has = (feature: string): boolean => info.features.has(feature)
  return {
    ...(name && { name }),
    ...(description && { description }),
    ...(language && { language }),
    membersOnly: has('muc_membersonly'),
    moderated: has('muc_moderated'),
    passwordProtected: has('muc_passwordprotected'),
    persistent: has('muc_persistent'),
    public: has('muc_public'),
    nonAnonymous: has('muc_nonanonymous'),
    archived: has('urn:xmpp:mam:2'),
    ...(avatarHash && { avatarHash }),
    features: [...info.features],
  }
}

/** What can be known of a room from outside (XEP-0045 section 6.4). */
export interface RoomInfo extends RoomConfig {
  /** Bare JID. */
  readonly room: string
  /** Anybody can come in, without a password. */
  readonly open: boolean
  readonly occupants?: number
  readonly subject?: string
  /** Bare JIDs of those who answer for the room. */
  readonly contacts: readonly string[]
}

/** What a room says of itself to somebody outside; `undefined` where what answers is no room. */
export function readRoomInfo(room: string, result: XmlNode): RoomInfo | undefined {
  const config = readRoomConfig(result)
  const query = child(result, NS_DISCO_INFO, 'query')
  const isRoom = readDiscoInfo(result)?.identities.some(({ category }) => category === 'conference')
  if (!config || !query || !isRoom) return undefined
  const form = readForm(query)
  const named = config.name ?? formValue(form, 'muc#roomconfig_roomname')
  const occupants = formValue(form, 'muc#roominfo_occupants') ?? ''
  const subject = formValue(form, 'muc#roominfo_subject')
  const contacts = form?.fields.find(({ name }) => name === 'muc#roominfo_contactjid')?.values ?? []
  return {
    ...config,
    room,
    ...(named && { name: named }),
    open: !config.membersOnly && !config.passwordProtected,
    ...(/^\d{1,9}$/.test(occupants) && { occupants: Number(occupants) }),
    ...(subject && { subject }),
    contacts: contacts.flatMap((jid) => parseJid(jid)?.bare ?? []),
  }
}
