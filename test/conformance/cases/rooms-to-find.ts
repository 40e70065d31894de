// XEP-0030, XEP-0433, XEP-0437, XEP-0492: rooms that the account is not in, and which messages are worth a notification.
import { expect } from 'expect'
import type { Tab } from '../../support/browser/tab.ts'
import { type Element, el, StanzaError } from '../../support/raw-client.ts'
import { type Case, conform, type Setting } from '../case.ts'
import { bookmarksOf, publishBookmark } from '../device-bookmarks.ts'
import { inject, NICK, only, pair, pairIn, refused, settle } from '../steps.ts'
import { asks, sent, stanzaOf } from '../wire.ts'

const NS_DISCO_INFO = 'http://jabber.org/protocol/disco#info'
const NS_DISCO_ITEMS = 'http://jabber.org/protocol/disco#items'
const NS_MUC = 'http://jabber.org/protocol/muc'
const NS_OWNER = `${NS_MUC}#owner`
const NS_NOTIFY = 'urn:xmpp:notification-settings:1'
const NS_RAI = 'urn:xmpp:rai:0'

/** The condition with which Bob is kept out of a room, or `in`. */
async function bobAt({ bob }: Setting, room: string): Promise<string> {
  try {
    await bob.join(room, 'Bob')
    return 'in'
  } catch (error) {
    if (error instanceof StanzaError) return error.condition
    throw error
  }
}

/** The addresses of all rooms that the service shows a tab, a page after the other. */
async function allRooms(tab: Tab, service: string, limit: number): Promise<string[]> {
  const found: string[] = []
  let after: string | undefined
  do {
    const page = await tab.directory('rooms', { service, limit, ...(after !== undefined && { after }) })
    expect(page.rooms.length).toBeLessThanOrEqual(limit)
    found.push(...page.rooms.map(({ room }) => room))
    after = page.after
  } while (after !== undefined)
  return found
}

/** Whether a room can be asked what it is, by somebody outside. */
async function isThere({ bob }: Setting, room: string): Promise<boolean> {
  const asked = bob.request(el('iq', { type: 'get', to: room }, el('query', { xmlns: NS_DISCO_INFO })), 2_000)
  return asked.then(
    () => true,
    (error: unknown) => !(error instanceof StanzaError),
  )
}

/** The room is no more: while it ends, some servers answer nobody. */
async function roomEnded(setting: Setting, room: string): Promise<void> {
  const lastMs = performance.now() + 15_000
  while (await isThere(setting, room)) if (performance.now() > lastMs) throw new Error(`${room} is still there`)
}

/** What a bookmark says on the server of notifications, as names of elements with their attributes. */
const settingsIn = (conference: Element | undefined): string[] =>
  (conference?.getChild('extensions')?.getChild('notify', NS_NOTIFY)?.getChildElements() ?? []).map(({ name, attrs }) =>
    [name, ...Object.values(attrs).sort()].join(' '),
  )

const notify = (...settings: readonly Element[]): Element => el('notify', { xmlns: NS_NOTIFY }, ...settings)

const notified = async (tabs: readonly Tab[], since: readonly number[]): Promise<string[]> =>
  (await Promise.all(tabs.map((tab, at) => tab.toldSince(since[at] ?? 0)))).flatMap((told) =>
    only(told, 'notify').map(({ event }) => `${event.reason}: ${event.message.body}`),
  )

async function hide(setting: Setting, tabs: readonly Tab[]): Promise<number[]> {
  for (const tab of tabs) await tab.show(false)
  await settle(setting)
  return Promise.all(tabs.map((tab) => tab.mark()))
}

export const roomsToFind: readonly Case[] = [
  conform(
    'Z01',
    'Each tab can ask where the own server has rooms, and the server is asked once for all.',
    async (setting) => {
      const { server, wire } = setting
      const [first, second] = await pair(setting)

      for (const tab of [first, second]) {
        const services = await tab.directory('services')
        expect(services.map(({ jid }) => jid)).toContain(server.mucDomain)
        expect(services.map(({ jid }) => jid)).not.toContain(server.domain)
      }

      const items = sent(wire).filter((stanza) => asks(stanza, NS_DISCO_ITEMS))
      expect(items.map(({ attrs }) => attrs['to'])).toEqual([server.domain])
    },
  ),

  conform(
    'Z02',
    'The rooms of a service are shown page by page, each once, and hidden ones are not.',
    async (setting) => {
      const { room, server, makeRoom } = setting
      const rooms = [room, await makeRoom(), await makeRoom({ 'muc#roomconfig_roomname': 'The Orchard' })]
      const hidden = await makeRoom({ 'muc#roomconfig_publicroom': false })
      const tab = await setting.tab()

      // Other cases have made rooms, too: where this one is alone a page has all of them but one.
      const found = await allRooms(tab, server.mucDomain, 3)

      expect(found).toEqual(expect.arrayContaining(rooms))
      expect(new Set(found).size).toBe(found.length)
      expect(found).not.toContain(hidden)
      expect(await allRooms(tab, server.mucDomain, 500)).toEqual(expect.arrayContaining(rooms))
    },
  ),

  conform(
    'Z03',
    'A room is found by words of its name, without case and diacritics, and by its address.',
    async (setting) => {
      const { room, makeRoom, server } = setting
      const word = `kupa${room.split('@')[0]}`
      const named = await makeRoom({ 'muc#roomconfig_roomname': `Čajovna ${word} pod Lipou` })
      const [first, second] = await pair(setting)
      const find = async (tab: Tab, text: string) =>
        (await tab.directory('search', text, { service: server.mucDomain })).rooms.map(({ room }) => room)

      expect(await find(first, `cajovna ${word.toUpperCase()}`)).toEqual([named])
      expect(await find(second, `LIPOU ${word}`)).toEqual([named])
      expect(await find(second, `${word} orchard`)).toEqual([])
      expect(await find(first, room.split('@')[0] ?? '')).toContain(room)
    },
  ),

  conform(
    'Z04',
    'A room says of itself what it is to a tab that is not in it; what is not there, or is no room, is told as such.',
    async (setting) => {
      const { account, bob, newAddress, makeRoom } = setting
      const open = await makeRoom({ 'muc#roomconfig_roomname': 'The Garden', 'muc#roomconfig_roomdesc': 'At night' })
      const closed = await makeRoom({ 'muc#roomconfig_membersonly': true, 'muc#roomconfig_whois': 'anyone' })
      const tab = await setting.tab()
      const seen = bob.mark()

      expect(await tab.directory('info', open)).toMatchObject({
        room: open,
        name: 'The Garden',
        description: 'At night',
        occupants: 1,
        open: true,
        public: true,
        nonAnonymous: false,
        moderated: false,
      })
      expect(await tab.directory('info', closed)).toMatchObject({ open: false, membersOnly: true, nonAnonymous: true })
      expect(await refused(tab.directory('info', newAddress()))).toMatchObject({ code: 'room-not-found' })
      expect(await refused(tab.directory('info', account))).toMatchObject({ code: 'room-not-found' })
      await settle(setting)
      expect(bob.received(seen).filter((stanza) => stanza.is('presence'))).toEqual([])
    },
  ),

  conform(
    'Z05',
    'A private group is for its members alone, who see who is who; nobody else finds it, and it stays when all are out.',
    async (setting) => {
      const { bob, account, server } = setting
      const [first, second] = await pair(setting)

      const room = await first.create({ preset: 'private-group', nick: 'Juliet', name: 'Us', description: 'Only us' })
      expect((await first.state(room)).state).toBe('in')
      expect((await first.state(room)).needsConfiguration).toBe(false)
      await second.join(room, NICK)

      expect(await bobAt(setting, room)).toBe('registration-required')
      // Some servers list it for who is in it.
      const items = await bob.request(
        el('iq', { type: 'get', to: server.mucDomain }, el('query', { xmlns: NS_DISCO_ITEMS })),
      )
      expect(items.toString()).not.toContain(room)
      await first.room(room, 'setAffiliation', bob.jid.split('/')[0] ?? '', 'member')
      expect(await bobAt(setting, room)).toBe('in')
      for (const tab of [first, second]) {
        await tab.sees({ room, name: 'occupant-joined', event: { occupant: { nick: 'Bob', jid: bob.jid } } })
        expect((await tab.state(room)).self).toMatchObject({ affiliation: 'owner' })
      }
      expect(await first.directory('info', room)).toMatchObject({
        name: 'Us',
        description: 'Only us',
        membersOnly: true,
        nonAnonymous: true,
        persistent: true,
        public: false,
      })

      await bob.leave(room, 'Bob')
      await first.leave(room, { everywhere: true })
      expect(await second.join(room, NICK)).toMatchObject({ created: false })
      expect((await second.state(room)).self).toMatchObject({
        affiliation: 'owner',
        jid: expect.stringContaining(account),
      })
    },
  ),

  conform(
    'Z06',
    'A public channel is found and entered by anybody, and who is in it is not shown.',
    async (setting) => {
      const { bob, server, newAddress } = setting
      const [first, second] = await pair(setting)
      const local = newAddress().split('@')[0] ?? ''

      const room = await first.create({ preset: 'public-channel', nick: 'Juliet', local, name: `Square ${local}` })

      expect(room).toBe(`${local}@${server.mucDomain}`)
      const found = await second.directory('search', `square ${local}`, { service: server.mucDomain })
      expect(found.rooms.map(({ room }) => room)).toEqual([room])
      const entry = await bob.join(room, 'Bob')
      const juliet = entry.find(({ attrs }) => attrs['from'] === `${room}/Juliet`)
      const item = juliet?.getChild('x', `${NS_MUC}#user`)?.getChild('item')
      expect(item?.attrs).toMatchObject({ affiliation: 'owner' })
      expect(item?.attrs['jid']).toBeUndefined()
      expect(await second.directory('info', room)).toMatchObject({
        open: true,
        public: true,
        persistent: true,
        occupants: 2,
      })
    },
  ),

  conform(
    'Z07',
    'Where there is such a room none is made: the tab is told, and the room sees nothing.',
    async (setting) => {
      const { room, bob } = setting
      const [first] = await pair(setting)
      await settle(setting)
      const seen = bob.mark()

      const failed = await refused(first.create({ preset: 'public-channel', nick: 'Juliet', jid: room }))

      expect(failed).toMatchObject({ code: 'stanza-error', facts: { condition: 'conflict' } })
      await settle(setting)
      expect(bob.received(seen).filter((stanza) => stanza.is('presence'))).toEqual([])
      expect(await first.memberships()).toEqual({})
    },
  ),

  conform('Z08', 'Of a room that cannot be configured nothing stays.', async (setting) => {
    const { wire, newAddress } = setting
    const [first, second] = await pair(setting)
    const room = newAddress()
    const asked = new Set<string>()
    wire.rule((frame) => {
      const stanza = stanzaOf(frame)
      const { id = '', to, from, type } = stanza?.attrs ?? {}
      const form = stanza?.getChild('query', NS_OWNER)?.getChild('x', 'jabber:x:data')
      if (frame.dir === 'up' && type === 'set' && form) asked.add(id)
      if (frame.dir === 'up' || !asked.delete(id)) return 'pass'
      const error = el(
        'error',
        { type: 'modify' },
        el('not-acceptable', { xmlns: 'urn:ietf:params:xml:ns:xmpp-stanzas' }),
      )
      return { replace: String(el('iq', { xmlns: 'jabber:client', type: 'error', id, to, from }, error)) }
    })

    const failed = await refused(first.create({ preset: 'private-group', nick: 'Juliet', jid: room }))

    expect(failed).toMatchObject({ code: 'not-acceptable' })
    expect((await first.state(room)).state).not.toBe('in')
    expect(await second.memberships()).toEqual({})
    await roomEnded(setting, room)
  }),

  conform(
    'Z09',
    'What is set in one tab holds in all and stands in the bookmark; what other clients keep there stays.',
    async (setting) => {
      const { room, bob } = setting
      const phone = await setting.device('phone')
      const extension = notify(
        el('never', { 'identity-category': 'client', 'identity-type': 'phone' }),
        el('on-mention'),
      )
      await publishBookmark(phone, room, { autojoin: true, nick: 'Juliet', name: 'The Garden', extension })
      const [first, second] = await pairIn(setting)
      await first.sees({ name: 'notifications', event: { room, when: 'on-mention' } })
      expect(await second.notifications('get', room)).toBe('on-mention')

      await first.notifications('set', room, 'always')
      await second.sees({ name: 'notifications', event: { room, when: 'always' } })
      const conference = (await bookmarksOf(phone))[room]
      expect(settingsIn(conference).sort()).toEqual(['always', 'never client phone'])
      expect(conference?.attrs).toMatchObject({ name: 'The Garden', autojoin: 'true' })
      expect(conference?.getChildText('nick')).toBe('Juliet')

      const since = await hide(setting, [first, second])
      await bob.say(room, 'to everybody')
      await bob.say(room, 'Juliet: to you')
      await settle(setting)
      expect(await notified([first, second], since)).toEqual(['message: to everybody', 'mention: Juliet: to you'])
    },
  ),

  conform('Z10', 'What another device sets is followed: never means not even for a mention.', async (setting) => {
    const { room, bob } = setting
    const phone = await setting.device('phone')
    const kept = { autojoin: true, nick: 'Juliet' }
    await publishBookmark(phone, room, kept)
    const [first, second] = await pairIn(setting)
    await first.bookmarks('list')

    await publishBookmark(phone, room, { ...kept, extension: notify(el('never')) })
    for (const tab of [first, second]) await tab.sees({ name: 'notifications', event: { room, when: 'never' } })
    const since = await hide(setting, [first, second])
    await bob.say(room, 'Juliet: to you')
    await settle(setting)
    expect(await notified([first, second], since)).toEqual([])
    expect((await second.state(room)).mentions).toBe(1)

    const marks = await Promise.all([first, second].map((tab) => tab.mark()))
    await first.show(true)
    await publishBookmark(phone, room, kept)
    for (const [at, tab] of [first, second].entries()) {
      const told = await tab.sees({ name: 'notifications', event: { room } }, { since: marks[at] ?? 0 })
      expect(told.event).toEqual({ room })
    }
    const again = await hide(setting, [first, second])
    await bob.say(room, 'Juliet: again')
    await settle(setting)
    expect(await notified([first, second], again)).toEqual(['mention: Juliet: again'])
  }),

  conform(
    'Z11',
    'Settings outlive the worker: that of a room without a bookmark is kept here, and no bookmark is made of it.',
    async (setting) => {
      const { room, bob, makeRoom } = setting
      const phone = await setting.device('phone')
      const other = await makeRoom()
      await publishBookmark(phone, other, { extension: notify(el('always')) })
      const [first, second] = await pairIn(setting)
      for (const tab of [first, second]) await tab.join(other, NICK)
      await first.notifications('set', room, 'always')
      await second.sees({ name: 'notifications', event: { room, when: 'always' } })
      await second.notifications('setDefault', 'never')
      await first.sees({ name: 'notifications', event: { when: 'never' } })
      expect(Object.keys(await bookmarksOf(phone))).toEqual([other])
      const marks = await Promise.all([first, second].map((tab) => tab.mark()))

      await first.killWorker()
      for (const [at, tab] of [first, second].entries()) {
        for (const each of [room, other])
          await tab.sees({ room: each, name: 'resumed' }, { since: marks[at] ?? 0, ms: 30_000 })
        await tab.sees({ name: 'bookmark', event: { room: other } }, { since: marks[at] ?? 0, ms: 30_000 })
        expect(await tab.notifications('get', room)).toBe('always')
        expect(await tab.notifications('get', other)).toBe('always')
        expect(await tab.notifications('default')).toBe('never')
      }
      const since = await hide(setting, [first, second])
      await bob.say(room, 'here')
      await bob.say(other, 'there')
      await settle(setting)
      expect((await notified([first, second], since)).sort()).toEqual(['message: here', 'message: there'])
    },
    { deadlineMs: 60_000, mortal: true },
  ),

  conform(
    'Z12',
    'All tabs are told of activity in a bookmarked room where the account is not, by its service alone, once; without such a service nothing is sent.',
    async (setting) => {
      const { room, server, wire, account } = setting
      const phone = await setting.device('phone')
      const other = await setting.makeRoom()
      await publishBookmark(phone, room)
      const says = new Set<string>()
      const ping = String(
        el(
          'iq',
          { xmlns: 'jabber:client', type: 'get', id: 'instead', to: server.domain },
          el('ping', { xmlns: 'urn:xmpp:ping' }),
        ),
      )
      let can = false
      wire.rule((frame) => {
        const stanza = stanzaOf(frame)
        const { id = '', to, from } = stanza?.attrs ?? {}
        const info = stanza?.getChild('query', NS_DISCO_INFO)
        // To a service that does not know what it means.
        if (frame.dir === 'up' && to === server.mucDomain && stanza?.is('presence')) return { replace: ping }
        if (frame.dir === 'up' && info && to === server.mucDomain && can) says.add(id)
        if (frame.dir === 'up' || !says.delete(id)) return 'pass'
        const query = el('query', { xmlns: NS_DISCO_INFO }, el('feature', { var: NS_RAI }))
        return { replace: String(el('iq', { xmlns: 'jabber:client', type: 'result', id, to, from }, query)) }
      })
      const subscriptions = () => sent(wire).filter((each) => each.is('presence') && each.getChild('rai', NS_RAI))
      const first = await setting.tab()
      await first.sees({ name: 'bookmark', event: { room } })
      await settle(setting)
      expect(subscriptions()).toEqual([])
      await first.account('logout')

      can = true
      const tabs = await pair(setting)
      await wire.waitForFrame(({ dir, text }) => dir === 'up' && text.includes(NS_RAI), 10_000)
      await settle(setting, ...tabs)
      expect(subscriptions().map(({ attrs }) => attrs['to'])).toEqual([server.mucDomain])
      const activity = (from: string, ...rooms: readonly string[]): string =>
        String(
          el(
            'message',
            { xmlns: 'jabber:client', from, to: account },
            el('rai', { xmlns: NS_RAI }, ...rooms.map((each) => el('activity', {}, each))),
          ),
        )
      await inject(setting, activity(`${room}/Bob`, room))
      await inject(setting, activity(server.domain, room))
      await inject(setting, activity(server.mucDomain, other, room, `room@${server.domain}`))
      await inject(setting, activity(server.mucDomain, room))
      await settle(setting, ...tabs)
      for (const tab of tabs) expect(only(await tab.told(), 'activity').map(({ event }) => event)).toEqual([{ room }])

      const later = await setting.tab()
      for (const tab of [...tabs, later]) expect(await tab.activeRooms()).toEqual([room])
      await later.join(room, NICK)
      const newest = await setting.tab()
      await settle(setting, ...tabs, newest)
      for (const tab of [...tabs, later, newest]) expect(await tab.activeRooms()).toEqual([])
    },
    { deadlineMs: 60_000 },
  ),

  conform(
    'Z13',
    'Of a room that is destroyed nothing stays, whatever the account shows before the room has answered.',
    async (setting) => {
      const { wire } = setting
      const [first, second] = await pair(setting)
      const room = await first.create({ preset: 'private-group', nick: 'Juliet' })
      await second.join(room, NICK)
      await settle(setting)
      const mark = wire.frames.mark()
      const goesUp = (word: string) =>
        wire.waitForFrame(({ dir, text }) => dir === 'up' && text.includes(word), 10_000, mark)

      wire.stall('up')
      const ending = first.room(room, 'destroy')
      await goesUp('<destroy')
      await second.account('setPresence', { show: 'away' })
      await goesUp('<show>away')
      wire.release('up')
      await ending
      for (const tab of [first, second]) await tab.sees({ room, name: 'destroyed' })
      await settle(setting)

      const shown = sent(wire, mark).filter((stanza) => stanza.is('presence') && stanza.attrs['to']?.startsWith(room))
      expect(shown).toEqual([])
      await roomEnded(setting, room)
      for (const tab of [first, second]) expect(await tab.memberships()).toEqual({})
    },
  ),
]
