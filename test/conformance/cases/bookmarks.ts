// Row R39; checks 70 and 71.
import { expect } from 'expect'
import { type Element, el } from '../../support/raw-client.ts'
import { kick } from '../../support/raw-room.ts'
import { presencesOf } from '../../support/stage.ts'
import { type Case, conform, type Setting } from '../case.ts'
import {
  bookmarksOf,
  NS_BOOKMARKS,
  oldBookmarksOf,
  publishBookmark,
  retractBookmark,
  storeOldBookmarks,
} from '../device-bookmarks.ts'
import { NICK, names, only, pair, refused, settle } from '../steps.ts'
import { isJoin, isLeave, sent, stanzaOf } from '../wire.ts'

const FOLLOWED_MS = 2_000
const LEFT_BY_BOOKMARK = { name: 'membership', event: { change: 'left', by: 'bookmark' } }

/** The rooms that the account published since a mark and the server took, one for each time. */
function published({ wire }: Setting, mark: number): string[] {
  const frames = wire.frames.since(mark).flatMap((frame) => {
    const stanza = stanzaOf(frame)
    return stanza?.is('iq') ? [{ up: frame.dir === 'up', stanza }] : []
  })
  const taken = new Set(
    frames.filter(({ up, stanza }) => !up && stanza.attrs['type'] === 'result').map(({ stanza }) => stanza.attrs['id']),
  )
  return frames.flatMap(({ up, stanza }) => {
    const publish = stanza.getChild('pubsub')?.getChild('publish')
    const room = publish?.getChild('item')?.attrs['id']
    return up && room !== undefined && taken.has(stanza.attrs['id']) ? [room] : []
  })
}

/**
 * Lets the server's answer to the question for the bookmarks come as a refusal, from now on.
 *
 * @returns how often it did
 */
function refuseToList({ wire }: Setting, condition: string): () => number {
  const asked = new Set<string>()
  let count = 0
  wire.rule((frame) => {
    const stanza = stanzaOf(frame)
    const { id = '', to, from, type } = stanza?.attrs ?? {}
    const items = stanza?.getChild('pubsub')?.getChild('items')
    if (frame.dir === 'up' && type === 'get' && items?.attrs['node'] === NS_BOOKMARKS) asked.add(id)
    if (frame.dir === 'up' || !stanza?.is('iq') || !asked.delete(id)) return 'pass'
    count += 1
    const error = el('error', { type: 'cancel' }, el(condition, { xmlns: 'urn:ietf:params:xml:ns:xmpp-stanzas' }))
    return { replace: String(el('iq', { xmlns: 'jabber:client', type: 'error', id, to, from }, error)) }
  })
  return () => count
}

const joins = ({ wire }: Setting, mark = 0): (string | undefined)[] =>
  sent(wire, mark)
    .filter(isJoin)
    .map((stanza) => stanza.attrs['to'])

export const bookmarks: readonly Case[] = [
  conform(
    'B01',
    'At sign-in the account enters the rooms that its bookmarks want, without any tab; a tab that joins then sends nothing.',
    async (setting) => {
      const { room, bob, wire } = setting
      const other = await setting.makeRoom()
      const phone = await setting.device('phone')
      await publishBookmark(phone, room, { autojoin: true, nick: 'Juliet', name: 'The Garden' })
      await publishBookmark(phone, other, { autojoin: false, nick: 'Juliet' })
      const seen = bob.mark()

      const [first, second] = await pair(setting)
      await first.sees({ name: 'membership', event: { room, change: 'joined', by: 'bookmark' } })
      await settle(setting)

      expect(joins(setting)).toEqual([`${room}/Juliet`])
      expect(presencesOf(bob, `${room}/Juliet`, seen)).toEqual(['available'])
      for (const tab of [first, second]) {
        expect(await tab.memberships()).toEqual({ [room]: { nick: 'Juliet' } })
        expect((await tab.state(room)).state).toBe('out')
      }
      const listed = await first.bookmarks('list')
      expect(listed).toHaveLength(2)
      expect(listed.find((each) => each.room === room)).toMatchObject({
        autojoin: true,
        nick: 'Juliet',
        name: 'The Garden',
      })
      expect(listed.find((each) => each.room === other)).toMatchObject({ autojoin: false, nick: 'Juliet' })
      const mark = wire.frames.mark()
      await second.join(room, NICK)
      await settle(setting)
      expect(sent(wire, mark).map(String)).toEqual([])
      expect(names(await second.told(room))).toBe('occupant-joined joined subject')
    },
  ),

  conform(
    'B02',
    'A bookmark that another device sets to be joined is followed within two seconds, and so is one that it unsets.',
    async (setting) => {
      const { room, bob } = setting
      const phone = await setting.device('phone')
      const [first, second] = await pair(setting)
      await settle(setting)
      const seen = bob.mark()

      await publishBookmark(phone, room, { autojoin: true, nick: 'Juliet' })
      await first.sees({ name: 'membership', event: { room, by: 'bookmark' } }, { ms: FOLLOWED_MS })
      await second.join(room, NICK)
      await settle(setting)
      const [mark, before] = [setting.wire.frames.mark(), await first.mark()]

      await publishBookmark(phone, room, { autojoin: false, nick: 'Juliet' })
      await first.sees(LEFT_BY_BOOKMARK, { ms: FOLLOWED_MS })
      await settle(setting)

      expect(presencesOf(bob, `${room}/Juliet`, seen)).toEqual(['available', 'unavailable'])
      expect(sent(setting.wire, mark).filter((s) => s.is('presence') && !isLeave(s))).toEqual([])
      expect(published(setting, 0)).toEqual([])
      expect(only(await second.told(room), 'left')).toHaveLength(1)
      expect((await second.state(room)).state).toBe('out')
      for (const tab of [first, second]) expect(await tab.memberships()).toEqual({})
      const told = only(await first.toldSince(before), 'bookmark').map(({ event }) => event)
      expect(told).toMatchObject([{ room, bookmark: { room, autojoin: false } }])
    },
  ),

  conform(
    'B03',
    'A bookmark that a tab sets is published once and the room entered once; its echo starts nothing, and other devices see it.',
    async (setting) => {
      const { room, bob } = setting
      const phone = await setting.device('phone')
      const [first, second] = await pair(setting)
      await settle(setting)
      const [mark, seen] = [setting.wire.frames.mark(), bob.mark()]

      await first.bookmarks('set', { room, autojoin: true, nick: 'Juliet', name: 'The Garden' })
      await second.sees({ name: 'membership', event: { room, change: 'joined', by: 'bookmark' } })
      await settle(setting)

      expect(published(setting, mark)).toEqual([room])
      expect(joins(setting, mark)).toEqual([`${room}/Juliet`])
      expect(presencesOf(bob, `${room}/Juliet`, seen)).toEqual(['available'])
      for (const tab of [first, second]) {
        const told = only(await tab.told(), 'bookmark').map(({ event }) => event)
        expect(told).toMatchObject([{ room, bookmark: { name: 'The Garden', autojoin: true } }])
      }
      const kept = (await bookmarksOf(phone))[room]
      expect(kept?.attrs).toMatchObject({ name: 'The Garden' })
      expect(kept?.attrs['autojoin']).toMatch(/^(true|1)$/)
      expect(kept?.getChildText('nick')).toBe('Juliet')
    },
  ),

  conform('B04', 'What other clients keep with a bookmark survives a change from a tab.', async (setting) => {
    const { room } = setting
    const phone = await setting.device('phone')
    const extension = el('state', { xmlns: 'urn:example:of-another-client', minimized: 'true' })
    await publishBookmark(phone, room, { nick: 'Juliet', name: 'Old name', extension })
    const [first, second] = await pair(setting)
    const [known] = await second.bookmarks('list')
    expect(known).toMatchObject({ room, name: 'Old name' })

    await first.bookmarks('set', { room, name: 'New name', nick: 'Juliet' })
    await settle(setting)

    const kept = (await bookmarksOf(phone))[room]
    expect(kept?.attrs['name']).toBe('New name')
    const extensions = kept?.getChild('extensions')
    expect(extensions?.getChildElements().map(({ name, attrs }) => ({ name, minimized: attrs['minimized'] }))).toEqual([
      { name: 'state', minimized: 'true' },
    ])
    expect(published(setting, 0)).toEqual([room])
  }),

  conform(
    'B05',
    'Several bookmarks that tabs set are all there afterwards, also where the server keeps but one unless it is told.',
    async (setting) => {
      const rooms = [setting.room, setting.newAddress(), setting.newAddress(), setting.newAddress()]
      const [first, second] = await pair(setting)
      await settle(setting)

      for (const [at, room] of rooms.entries())
        await (at % 2 === 0 ? first : second).bookmarks('set', { room, name: `number ${at}` })
      await settle(setting)

      const phone = await setting.device('phone')
      expect(Object.keys(await bookmarksOf(phone)).sort()).toEqual([...rooms].sort())
      for (const tab of [first, second]) {
        expect((await tab.bookmarks('list')).map(({ room }) => room).sort()).toEqual([...rooms].sort())
      }
      expect(published(setting, 0)).toEqual(rooms)
      expect(joins(setting)).toEqual([])
    },
  ),

  conform(
    'B06',
    'Bookmarks that the server cannot give are not taken for none: a room stays as it is, and the caller is told.',
    async (setting) => {
      const { room, wire, bob } = setting
      const phone = await setting.device('phone')
      await publishBookmark(phone, room, { autojoin: true, nick: 'Juliet' })
      const tab = await setting.tab()
      await tab.sees({ name: 'membership', event: { room, change: 'joined', by: 'bookmark' } })
      await settle(setting)
      const refusals = refuseToList(setting, 'internal-server-error')
      const [mark, before] = [wire.frames.mark(), await tab.mark()]

      wire.cut({ how: 'reset' })
      await tab.sees({ name: 'status', event: { status: 'online' } }, { since: before, ms: 20_000 })
      await settle(setting)

      expect(refusals()).toBe(1)
      expect(joins(setting, mark)).toEqual([`${room}/Juliet`])
      expect(sent(wire, mark).filter(isLeave)).toEqual([])
      expect(only(await tab.toldSince(before), 'bookmark')).toEqual([])
      expect(only(await tab.toldSince(before), 'membership').filter(({ event }) => event.change === 'left')).toEqual([])
      expect(bob.log.findLast((s) => s.is('presence') && s.attrs['from'] === `${room}/Juliet`)?.attrs['type']).not.toBe(
        'unavailable',
      )
    },
    { resumes: false },
  ),

  conform(
    'B07',
    'Where the first question for the bookmarks fails the list is not known, rather than empty.',
    async (setting) => {
      const phone = await setting.device('phone')
      await publishBookmark(phone, setting.room, { name: 'one' })
      await publishBookmark(phone, setting.newAddress(), { name: 'two' })
      const refusals = refuseToList(setting, 'internal-server-error')

      const tab = await setting.tab()
      await settle(setting)

      expect(refusals()).toBe(1)
      expect((await refused(tab.bookmarks('list'))).code).toBe('offline')
    },
  ),

  conform('B08', 'A room that was never bookmarked stays as it is, whatever becomes of bookmarks.', async (setting) => {
    const { room, wire } = setting
    const other = await setting.makeRoom()
    const phone = await setting.device('phone')
    const [first, second] = await pair(setting)
    await first.join(room, NICK)
    await settle(setting)
    const mark = wire.frames.mark()

    await publishBookmark(phone, other, { autojoin: true, nick: 'Juliet' })
    await second.sees({ name: 'membership', event: { room: other, change: 'joined' } })
    await publishBookmark(phone, other, { autojoin: false, nick: 'Juliet' })
    await second.sees({ name: 'membership', event: { room: other, change: 'left' } })
    await settle(setting)

    expect((await first.state(room)).state).toBe('in')
    expect(Object.keys(await second.memberships())).toEqual([room])
    expect(sent(wire, mark).filter((s) => s.is('presence') && s.attrs['to']?.startsWith(`${room}/`))).toEqual([])
  }),

  conform(
    'B09',
    'A tab that leaves everywhere takes autojoin off the bookmark, once; the bookmark stays, and nothing brings the room back.',
    async (setting) => {
      const { room, bob } = setting
      const phone = await setting.device('phone')
      await publishBookmark(phone, room, { autojoin: true, nick: 'Juliet', name: 'The Garden' })
      const [first, second] = await pair(setting)
      await second.join(room, NICK)
      await settle(setting)
      const [mark, seen] = [setting.wire.frames.mark(), bob.mark()]

      await second.leave(room, { everywhere: true })
      await first.sees({ name: 'bookmark', event: { room, bookmark: { autojoin: false } } })
      await settle(setting)

      expect(published(setting, mark)).toEqual([room])
      const kept = (await bookmarksOf(phone))[room]
      expect(kept?.attrs['name']).toBe('The Garden')
      expect(kept?.attrs['autojoin'] ?? 'false').toMatch(/^(false|0)$/)
      expect(presencesOf(bob, `${room}/Juliet`, seen)).toEqual(['unavailable'])
      expect(joins(setting, mark)).toEqual([])
      expect(await first.memberships()).toEqual({})
    },
  ),

  conform(
    'B10',
    'A tab that leaves a room with a bookmark that wants it leaves by itself: the account stays in.',
    async (setting) => {
      const { room, wire, bob } = setting
      const phone = await setting.device('phone')
      await publishBookmark(phone, room, { autojoin: true, nick: 'Juliet' })
      const [first, second] = await pair(setting)
      await first.join(room, NICK)
      await settle(setting)
      const [mark, seen] = [wire.frames.mark(), bob.mark()]

      await first.leave(room)
      await settle(setting)

      expect((await first.state(room)).state).toBe('out')
      expect(sent(wire, mark).map(String)).toEqual([])
      expect(presencesOf(bob, `${room}/Juliet`, seen)).toEqual([])
      expect(Object.keys(await second.memberships())).toEqual([room])

      await second.bookmarks('remove', room)
      await first.sees({ name: 'membership', event: { room, change: 'left', by: 'bookmark' } })
      await settle(setting)
      expect(presencesOf(bob, `${room}/Juliet`, seen)).toEqual(['unavailable'])
      expect(await bookmarksOf(phone)).toEqual({})
    },
  ),

  conform(
    'B11',
    'A room that throws us out keeps its bookmark, which brings us back no more in this session; a tab that asks does.',
    async (setting) => {
      const { room, bob } = setting
      const phone = await setting.device('phone')
      await publishBookmark(phone, room, { autojoin: true, nick: 'Juliet', name: 'The Garden' })
      const [first, second] = await pair(setting)
      await first.join(room, NICK)
      await settle(setting)
      const mark = setting.wire.frames.mark()

      await kick(bob, room, 'Juliet', 'a pause')
      await first.sees({ room, name: 'removed' })
      await publishBookmark(phone, room, { autojoin: true, nick: 'Juliet', name: 'The Gardens' })
      await second.sees({ name: 'bookmark', event: { room, bookmark: { name: 'The Gardens' } } })
      await settle(setting)
      expect(joins(setting, mark)).toEqual([])
      expect(published(setting, mark)).toEqual([])
      expect((await bookmarksOf(phone))[room]?.attrs['autojoin']).toMatch(/^(true|1)$/)

      await second.join(room, NICK)
      expect(joins(setting, mark)).toEqual([`${room}/Juliet`])
    },
  ),

  conform(
    'B12',
    'The nick and the password of a bookmark are those that the room is entered with.',
    async (setting) => {
      const { room, bob } = setting
      const phone = await setting.device('phone')
      await publishBookmark(phone, room, { autojoin: true, nick: 'La Capulet', password: 'secret' })
      const seen = bob.mark()

      const tab = await setting.tab()
      await tab.sees({ name: 'membership', event: { room, change: 'joined', by: 'bookmark' } })
      await settle(setting)

      expect(presencesOf(bob, `${room}/La Capulet`, seen)).toEqual(['available'])
      expect(await tab.memberships()).toEqual({ [room]: { nick: 'La Capulet' } })
    },
    { fields: { 'muc#roomconfig_passwordprotectedroom': true, 'muc#roomconfig_roomsecret': 'secret' } },
  ),

  conform(
    'B13',
    'What a client of old writes in private storage is followed like any other bookmark.',
    async (setting) => {
      const { room } = setting
      const phone = await setting.device('phone')
      const [first, second] = await pair(setting)
      await settle(setting)

      await storeOldBookmarks(phone, el('conference', { jid: room, autojoin: 'true' }, el('nick', {}, 'Juliet')))
      await first.sees({ name: 'membership', event: { room, change: 'joined', by: 'bookmark' } })
      await storeOldBookmarks(phone)
      await first.sees({ name: 'membership', event: { room, change: 'left', by: 'bookmark' } })
      await settle(setting)

      expect(joins(setting)).toEqual([`${room}/Juliet`])
      expect(await second.bookmarks('list')).toEqual([])
      expect(published(setting, 0)).toEqual([])
    },
    { needs: ['one view of old and new bookmarks'] },
  ),

  conform(
    'B14',
    'Where the server has no bookmarks but those of old, these are read, and one is added beside what else is there.',
    async (setting) => {
      const { room } = setting
      const other = await setting.makeRoom()
      const phone = await setting.device('phone')
      await storeOldBookmarks(phone, el('conference', { jid: room, autojoin: 'true' }, el('nick', {}, 'Juliet')))
      refuseToList(setting, 'feature-not-implemented')

      const [first, second] = await pair(setting)
      await first.sees({ name: 'membership', event: { room, change: 'joined', by: 'bookmark' } })
      await second.bookmarks('set', { room: other, name: 'Beside', nick: 'Juliet' })
      await settle(setting)

      const kept = await oldBookmarksOf(phone)
      const byRoom = (a: Element, b: Element): number => (a.attrs['jid'] ?? '').localeCompare(b.attrs['jid'] ?? '')
      expect([...kept].sort(byRoom).map(({ attrs }) => attrs['jid'])).toEqual([room, other].sort())
      expect((await first.bookmarks('list')).map((each) => each.room).sort()).toEqual([room, other].sort())
      expect(joins(setting)).toEqual([`${room}/Juliet`])
    },
    { needs: ['bookmarks of old'] },
  ),

  conform(
    'B15',
    'A bookmark that another device removes is followed within two seconds: the room is left, in every tab.',
    async (setting) => {
      const { room, bob } = setting
      const phone = await setting.device('phone')
      await publishBookmark(phone, room, { autojoin: true, nick: 'Juliet' })
      const [first, second] = await pair(setting)
      await second.join(room, NICK)
      await settle(setting)
      const [mark, seen, before] = [setting.wire.frames.mark(), bob.mark(), await first.mark()]

      await retractBookmark(phone, room)
      await first.sees(LEFT_BY_BOOKMARK, { ms: FOLLOWED_MS })
      await settle(setting)

      expect(presencesOf(bob, `${room}/Juliet`, seen)).toEqual(['unavailable'])
      expect(sent(setting.wire, mark).filter((s) => s.is('presence') && !isLeave(s))).toEqual([])
      expect((await second.state(room)).state).toBe('out')
      expect(only(await first.toldSince(before), 'bookmark').map(({ event }) => event)).toEqual([{ room }])
      expect(await first.bookmarks('list')).toEqual([])
      expect(published(setting, 0)).toEqual([])
    },
    { needs: ['word of removed bookmarks'] },
  ),
]
