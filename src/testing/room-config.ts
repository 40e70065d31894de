import { NS_FORMS, type readForm } from '../protocol/xep-0004-forms.ts'
import { NS_DISCO_INFO } from '../protocol/xep-0030-disco.ts'
import { NS_MUC } from '../protocol/xep-0045-muc.ts'
import { NS_MAM } from '../protocol/xep-0313-mam.ts'
import { NS_OCCUPANT_ID } from '../protocol/xep-0421-occupant-id.ts'
import { el, type XmlNode } from '../protocol/xml.ts'

/** What a room is (XEP-0045 section 4.2). */
export interface RoomSettings {
  name: string
  description: string
  /** Nobody else may come in. */
  membersOnly: boolean
  /** Who comes is a visitor, and does not speak until somebody gives them a voice. */
  moderated: boolean
  /** Without it nobody comes in; empty for none. */
  password: string
  persistent: boolean
  /** It is among the rooms of its service. */
  public: boolean
  /** Everybody sees whom a nick belongs to, and not moderators alone. */
  nonAnonymous: boolean
  /** Participants may change the subject, and not moderators alone. */
  anybodyChangesSubject: boolean
}

export const FIRST_SETTINGS: RoomSettings = {
  name: '',
  description: '',
  membersOnly: false,
  moderated: false,
  password: '',
  persistent: false,
  public: true,
  nonAnonymous: false,
  anybodyChangesSubject: false,
}

export const ROOM_CONFIG = 'http://jabber.org/protocol/muc#roomconfig'
const field = (name: string, value: string, type?: string): XmlNode =>
  el(NS_FORMS, 'field', { var: name, type }, el(NS_FORMS, 'value', {}, value))
const yes = (is: boolean): string => (is ? '1' : '0')
const of = (name: string): string => `muc#roomconfig_${name}`

/** The form that an owner is given. */
export function settingsForm(is: RoomSettings): XmlNode {
  return el(
    NS_FORMS,
    'x',
    { type: 'form' },
    el(NS_FORMS, 'title', {}, 'Configuration'),
    field('FORM_TYPE', ROOM_CONFIG, 'hidden'),
    field(of('roomname'), is.name, 'text-single'),
    field(of('roomdesc'), is.description, 'text-single'),
    field(of('persistentroom'), yes(is.persistent), 'boolean'),
    field(of('publicroom'), yes(is.public), 'boolean'),
    field(of('membersonly'), yes(is.membersOnly), 'boolean'),
    field(of('moderatedroom'), yes(is.moderated), 'boolean'),
    field(of('passwordprotectedroom'), yes(is.password !== ''), 'boolean'),
    field(of('roomsecret'), is.password, 'text-private'),
    field(of('whois'), is.nonAnonymous ? 'anyone' : 'moderators', 'list-single'),
    field(of('changesubject'), yes(is.anybodyChangesSubject), 'boolean'),
  )
}

/** What the owner has filled in: fields that are left out stay as they are. */
export function settingsIn(form: ReturnType<typeof readForm>, before: RoomSettings): RoomSettings {
  const value = (name: string): string | undefined => form?.fields.find((each) => each.name === of(name))?.values[0]
  const flag = (name: string, otherwise: boolean): boolean => {
    const text = value(name)
    return text === undefined ? otherwise : text === '1' || text === 'true'
  }
  const secret = value('roomsecret') ?? before.password
  return {
    name: value('roomname') ?? before.name,
    description: value('roomdesc') ?? before.description,
    persistent: flag('persistentroom', before.persistent),
    public: flag('publicroom', before.public),
    membersOnly: flag('membersonly', before.membersOnly),
    moderated: flag('moderatedroom', before.moderated),
    password: flag('passwordprotectedroom', secret !== '') ? secret : '',
    nonAnonymous: (value('whois') ?? (before.nonAnonymous ? 'anyone' : 'moderators')) === 'anyone',
    anybodyChangesSubject: flag('changesubject', before.anybodyChangesSubject),
  }
}

/** What the room says of itself (section 6.4). */
export function roomInfo(is: RoomSettings, occupants: number): XmlNode {
  const features = [
    NS_MUC,
    NS_MAM,
    NS_OCCUPANT_ID,
    'http://jabber.org/protocol/muc#request',
    'http://jabber.org/protocol/muc#self-ping-optimization',
    'jabber:iq:register',
    'urn:xmpp:sid:0',
    'urn:xmpp:message-moderate:0',
    'urn:xmpp:message-moderate:1',
    is.membersOnly ? 'muc_membersonly' : 'muc_open',
    is.moderated ? 'muc_moderated' : 'muc_unmoderated',
    is.password === '' ? 'muc_unsecured' : 'muc_passwordprotected',
    is.persistent ? 'muc_persistent' : 'muc_temporary',
    is.public ? 'muc_public' : 'muc_hidden',
    is.nonAnonymous ? 'muc_nonanonymous' : 'muc_semianonymous',
  ]
  return el(
    NS_DISCO_INFO,
    'query',
    {},
    el(NS_DISCO_INFO, 'identity', { category: 'conference', type: 'text', name: is.name || undefined }),
    ...features.map((feature) => el(NS_DISCO_INFO, 'feature', { var: feature })),
    el(
      NS_FORMS,
      'x',
      { type: 'result' },
      field('FORM_TYPE', 'http://jabber.org/protocol/muc#roominfo', 'hidden'),
      field('muc#roominfo_description', is.description),
      field('muc#roominfo_occupants', String(occupants)),
    ),
  )
}

/** The codes by which a room says that it has changed (section 10.2.1); what concerns everybody's privacy has its own. */
export function codesOfChange(before: RoomSettings, now: RoomSettings): readonly number[] {
  // `Object.keys` says no more than that they are texts; these are the keys of this very type.
  const isOther = (Object.keys(now) as (keyof RoomSettings)[]).some(
    (key) => key !== 'nonAnonymous' && before[key] !== now[key],
  )
  const privacy = before.nonAnonymous === now.nonAnonymous ? [] : [now.nonAnonymous ? 172 : 173]
  return isOther ? [...privacy, 104] : privacy
}
