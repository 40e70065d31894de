import type { BrowserFeature } from '../support/browser/test-browser.ts'
import { Wire } from '../support/raw-client/wire.ts'
import { type Element, el, RawClient, StanzaError } from '../support/raw-client.ts'
import {
  configurationForm,
  configureRoom,
  destroyRoom,
  featuresOf,
  inviteThrough,
  registerNick,
  roomBarrier,
  setAffiliation,
  showIn,
} from '../support/raw-room.ts'
import { PASSWORD, type Stage } from '../support/stage.ts'
import { NS_BOOKMARKS, tellsOfRemoval } from './device-bookmarks.ts'
import { GIF, hashOf, PNG, setCard } from './pictures.ts'

/** What not every server can do, in words that end "the server has no …". */
const SERVER_FEATURES = [
  'occupant ids',
  'moderation of messages',
  'tombstones',
  'locked rooms',
  'limit of occupants',
  'registration with rooms',
  'enforced nicks',
  'hats',
  'invitations by ordinary members',
  'rule against invitations',
  'rule against nick changes of visitors',
  'one view of old and new bookmarks',
  'bookmarks of old',
  'word of removed bookmarks',
  'presence to rooms from outside refused',
  'accounts that it makes up',
  'sign-in by a token',
  'word of new pictures of rooms',
] as const

export type Feature = (typeof SERVER_FEATURES)[number] | BrowserFeature

const NS_DISCO_INFO = 'http://jabber.org/protocol/disco#info'
const NS_FRAMING = 'urn:ietf:params:xml:ns:xmpp-framing'
const PROBE_MS = 10_000
const NS_HATS = 'urn:xmpp:hats:0'

/** What this server can do: as it says itself, or where it says nothing, as it shows when it is tried. */
export async function featuresOfServer({ server, account }: Stage): Promise<ReadonlySet<Feature>> {
  const jids = await Promise.all([account('owner'), account('guest')])
  const features = [`${NS_BOOKMARKS}+notify`]
  const connect = (jid: string) =>
    RawClient.connect({ url: server.url, jid, password: PASSWORD, resource: 'probe', features })
  const [ownerJid, guestJid] = jids
  const givesTokens = await offersTokens(server.url, ownerJid)
  await using owner = await connect(ownerJid)
  await using guest = await connect(guestJid)
  const room = `probe@${server.mucDomain}`
  const can = new Set<Feature>()
  const note = (feature: Feature, found: boolean): void => void (found && can.add(feature))

  note('sign-in by a token', givesTokens)
  await owner.join(room, 'Owner')
  note('locked rooms', (await refusal(guest.join(room, 'Guest'))) === 'item-not-found')
  const form = await configurationForm(owner, room)
  const fields = new Set(form.getChildren('field').map((field) => field.attrs['var']))
  note('limit of occupants', fields.has('muc#roomconfig_maxusers'))
  note('rule against invitations', fields.has('muc#roomconfig_allowinvites'))
  note('rule against nick changes of visitors', fields.has('allow_visitor_nickchange'))
  await configureRoom(owner, room, { 'muc#roomconfig_moderatedroom': false })

  const listed = await featuresOf(owner, room)
  note('occupant ids', listed.has('urn:xmpp:occupant-id:0'))
  note('moderation of messages', listed.has('urn:xmpp:message-moderate:0') || listed.has('urn:xmpp:message-moderate:1'))
  const ofAccount = await featuresOf(owner, ownerJid)
  note('one view of old and new bookmarks', ofAccount.has('urn:xmpp:bookmarks:1#compat'))
  const storage = el('query', { xmlns: 'jabber:iq:private' }, el('storage', { xmlns: 'storage:bookmarks' }))
  note('bookmarks of old', (await refusal(owner.request(el('iq', { type: 'get' }, storage)))) === undefined)

  // Of the two servers for tests Prosody alone has a domain for it.
  note('accounts that it makes up', server.name === 'prosody')
  note('word of removed bookmarks', await tellsOfRemoval(owner))

  await guest.leave(room, 'Guest').catch(() => undefined) // where it is locked still
  note('word of new pictures of rooms', await tellsOfPictures(owner, room))
  note('presence to rooms from outside refused', await refusesOutsiders(guest, room))
  note('hats', await showsHats(owner, guest, room))
  note('invitations by ordinary members', await letsInvite(guest, room, ownerJid))
  await tryRegistration(owner, guest, guestJid, room, note)
  note('tombstones', await leavesTombstone(owner, guest, room))
  return can
}

/** What a server can do before anybody has signed in, it says in its first features. */
async function offersTokens(url: string, jid: string): Promise<boolean> {
  const wire = await Wire.open(url, PROBE_MS)
  try {
    wire.send(String(el('open', { xmlns: NS_FRAMING, to: jid.split('@')[1] ?? '', from: jid, version: '1.0' })))
    await wire.next('the stream', PROBE_MS)
    return String(await wire.next('the features', PROBE_MS)).includes('urn:xmpp:fast:0')
  } finally {
    wire.close()
  }
}

/** The condition of a refusal, or `undefined` where there was none. */
async function refusal(asked: Promise<unknown>): Promise<string | undefined> {
  try {
    await asked
    return undefined
  } catch (error) {
    if (error instanceof StanzaError) return error.condition
    throw error
  }
}

async function refusesOutsiders(guest: RawClient, room: string): Promise<boolean> {
  const since = guest.mark()
  showIn(guest, `${room}/Guest`, el('show', {}, 'away'))
  const answer = await guest.waitFor((s) => s.is('presence') && s.attrs['from'] === `${room}/Guest`, {
    what: 'an answer to a presence from outside',
    since,
  })
  if (answer.attrs['type'] === 'error') return true
  await guest.leave(room, 'Guest')
  return false
}

/** Whether others see the hats that an occupant puts on. */
async function showsHats(owner: RawClient, guest: RawClient, room: string): Promise<boolean> {
  const hat = el('hats', { xmlns: NS_HATS }, el('hat', { uri: 'urn:hat:1', title: 'A hat' }))
  await roomBarrier(owner, `${room}/Owner`)
  const since = owner.mark()
  await guest.join(room, 'Guest', { shown: [hat] })
  // Not the end of an earlier visit, which may come late.
  const isThere = ({ attrs }: Element) => attrs['from'] === `${room}/Guest` && attrs['type'] === undefined
  const seen = await owner.waitFor((s) => s.is('presence') && isThere(s), { what: 'the guest with a hat', since })
  return seen.getChild('hats', NS_HATS)?.getChild('hat') !== undefined
}

/** Whether a room says which picture it has when that is another one than before: Prosody 13 says the first one again. */
async function tellsOfPictures(owner: RawClient, room: string): Promise<boolean> {
  const since = owner.mark()
  for (const image of [PNG, GIF]) await setCard(owner, image, room)
  await roomBarrier(owner, `${room}/Owner`)
  return owner.received(since).some((s) => s.attrs['from'] === room && String(s).includes(hashOf(GIF)))
}

async function letsInvite(guest: RawClient, room: string, jid: string): Promise<boolean> {
  const since = guest.mark()
  inviteThrough(guest, room, jid)
  await roomBarrier(guest, `${room}/Guest`)
  return !guest.received(since).some((s) => s.is('message') && s.attrs['type'] === 'error')
}

/** Whether members can have a nick kept for them, and whether they must use it then. */
async function tryRegistration(
  owner: RawClient,
  guest: RawClient,
  guestJid: string,
  room: string,
  note: (feature: Feature, found: boolean) => void,
): Promise<void> {
  await setAffiliation(owner, room, guestJid, 'member')
  const query = el('query', { xmlns: 'jabber:iq:register' })
  const possible = (await refusal(guest.request(el('iq', { type: 'get', to: room }, query)))) === undefined
  note('registration with rooms', possible)
  if (!possible) return
  await registerNick(guest, room, 'Kept')
  await roomBarrier(guest, `${room}/Kept`)
  const joined = await guest.join(room, 'Other').catch(() => [])
  note(
    'enforced nicks',
    joined.some((s) => s.attrs['from'] === `${room}/Kept` && !s.attrs['type']),
  )
}

/** What comes while a room of ejabberd's ends is lost without a word: it has ended when it does not answer as a room. */
async function untilGone(client: RawClient, room: string): Promise<void> {
  const lastMs = performance.now() + 10_000
  const asked = (): Element => el('iq', { type: 'get', to: room }, el('query', { xmlns: NS_DISCO_INFO }))
  while (performance.now() < lastMs) {
    const failed = await client.request(asked(), 1_000).then(
      () => undefined,
      (error: unknown) => error,
    )
    if (failed instanceof StanzaError) return
  }
  throw new Error(`${room} does not end`)
}

async function leavesTombstone(owner: RawClient, guest: RawClient, room: string): Promise<boolean> {
  await destroyRoom(owner, room, { alternate: `other-${room}` })
  await untilGone(owner, room)
  const condition = await refusal(guest.join(room, 'Late'))
  if (condition === undefined) await guest.leave(room, 'Late')
  return condition === 'gone'
}
