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
