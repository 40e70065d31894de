// Whom the account knows: its roster, who sees whom, avatars and profiles.
import { expect } from 'expect'
import { type Element, el, type RawClient } from '../../support/raw-client.ts'
import { type Case, conform } from '../case.ts'
import { befriend, isPresence, NS_ROSTER, rosterQuery, toPresence } from '../friends.ts'
import { bareJid, inject, only, pair, settle } from '../steps.ts'
import { sent } from '../wire.ts'

const item = (jid: string, name: string, ...groups: string[]): Element =>
  el('item', { jid, name }, ...groups.map((group) => el('group', {}, group)))

const setItem = (client: RawClient, ...items: Element[]): Promise<Element> =>
  client.request(el('iq', { type: 'set' }, rosterQuery(...items)))

export const people: readonly Case[] = [
  conform(
    'Q01',
    'A contact is put on the roster in one tab, and changed and removed by other devices.',
    async (setting) => {
      const { bob } = setting
      const jid = bareJid(bob)
      const [first, second] = await pair(setting)
      const phone = await setting.device('phone')

      await first.roster('set', jid, { name: 'Bob', groups: ['Friends'] })
      for (const tab of [first, second])
        await tab.sees({ name: 'roster changed', event: { jid, contact: { name: 'Bob' } } })
      await setItem(phone, item(jid, 'Robert', 'Family'))
      for (const tab of [first, second]) {
        await tab.sees({ name: 'roster changed', event: { jid, contact: { name: 'Robert', groups: ['Family'] } } })
        expect((await tab.contacts()).contacts[jid]).toMatchObject({
          name: 'Robert',
          subscription: 'none',
          show: 'offline',
        })
      }
      await phone.request(el('iq', { type: 'set' }, rosterQuery(el('item', { jid, subscription: 'remove' }))))

      for (const tab of [first, second]) {
        await tab.untilContact(jid, null)
        expect(await tab.roster('list')).toEqual([])
        // Once for each change, whoever made it.
        expect(only(await tab.told(), 'roster changed')).toHaveLength(3)
      }
    },
  ),

  conform('Q02', 'A roster that has not changed is not sent again.', async (setting) => {
    const { bob, wire } = setting
    const jid = bareJid(bob)
    const tab = await setting.tab()
    await tab.roster('set', jid, { name: 'Bob', groups: [] })
    await settle(setting)
    await tab.account('logout')
    const mark = wire.frames.mark()

    const later = await setting.tab()

    expect(await later.roster('list')).toMatchObject([{ jid, name: 'Bob' }])
    const frames = wire.frames.since(mark)
    const asked = sent(wire, mark).find((stanza) => stanza.getChild('query', NS_ROSTER))
    expect(asked?.getChild('query')?.attrs['ver']).toBeTruthy()
    expect(frames.filter(({ dir, text }) => dir === 'down' && text.includes(`jid='${jid}'`))).toEqual([])
  }),

  conform('Q03', 'Contacts are seen at each of their devices, in every tab, the strongest first.', async (setting) => {
    const { bob } = setting
    await befriend(setting)
    const jid = bareJid(bob)
    const [first, second] = await pair(setting)
    for (const tab of [first, second]) await tab.untilContact(jid, { show: 'online', subscription: 'both' })

    const desk = await setting.deviceOf(bob, 'desk')
    desk.send(el('presence', {}, el('show', {}, 'dnd'), el('status', {}, 'busy'), el('priority', {}, '5')))

    for (const tab of [first, second]) {
      await tab.untilContact(jid, { show: 'dnd', status: 'busy' })
      const contact = (await tab.contacts()).contacts[jid]
      expect(contact?.devices.map(({ resource }) => resource.split('~')[0])).toEqual(['desk', 'watcher'])
    }
    await desk.close()
    for (const tab of [first, second]) await tab.untilContact(jid, { show: 'online', devices: [{}] })
  }),

  conform('Q04', 'Who wants to see the account waits in every tab, and gets one answer.', async (setting) => {
    const { bob, account, wire } = setting
    const jid = bareJid(bob)
    const [first, second] = await pair(setting)
    await bob.request(el('iq', { type: 'get' }, rosterQuery()))

    toPresence(bob, account, 'subscribe', el('status', {}, 'it is me'))

    for (const tab of [first, second]) {
      await tab.sees({ name: 'roster request', event: { jid } })
      expect((await tab.contacts()).requests).toEqual([jid])
    }
    const mark = wire.frames.mark()
    const seen = bob.mark()
    await first.roster('approve', jid)
    await second.roster('deny', jid)
    await bob.waitFor(isPresence('subscribed', account), { what: 'the answer', since: seen })
    await bob.waitFor(isPresence(undefined, account), { what: 'the presence', since: seen })
    await settle(setting)
    for (const tab of [first, second]) {
      await tab.sees({ name: 'roster request-closed', event: { jid } })
      expect((await tab.contacts()).requests).toEqual([])
    }
    const answers = sent(wire, mark).filter((stanza) => stanza.is('presence') && stanza.attrs['to'] === jid)
    expect(answers.map(({ attrs }) => attrs['type']).slice(0, 1)).toEqual(['subscribed'])
  }),

  conform('Q05', 'The account asks to see somebody, who agrees: every tab sees them.', async (setting) => {
    const { bob, account } = setting
    const jid = bareJid(bob)
    const [first, second] = await pair(setting)

    await first.roster('subscribeTo', jid)
    await bob.waitFor(isPresence('subscribe', account), { what: 'the request' })
    await second.sees({ name: 'roster changed', event: { jid, contact: { ask: true, subscription: 'none' } } })
    toPresence(bob, account, 'subscribed')

    for (const tab of [first, second]) {
      await tab.sees({ name: 'roster changed', event: { jid, contact: { ask: false, subscription: 'to' } } })
      await tab.sees({ name: 'roster presence', event: { contact: { jid, show: 'online' } } })
    }
    await second.roster('remove', jid)
    for (const tab of [first, second]) await tab.untilContact(jid, null)
  }),

  conform('Q06', 'A push that is not of the account itself changes no roster.', async (setting) => {
    const { bob, account, wire } = setting
    const [first, second] = await pair(setting)
    const push = (from: string) =>
      `<iq xmlns="jabber:client" type="set" id="forged" from="${from}" to="${account}"><query xmlns="${NS_ROSTER}"><item jid="mallory@evil.example" subscription="both"/></query></iq>`
    const mark = wire.frames.mark()

    for (const from of [bob.jid, bareJid(bob), 'localhost']) await inject(setting, push(from))
    await settle(setting)

    for (const tab of [first, second]) {
      expect(only(await tab.told(), 'roster changed')).toEqual([])
      expect((await tab.contacts()).contacts).toEqual({})
    }
    const answers = sent(wire, mark).filter(({ attrs }) => attrs['id'] === 'forged')
    expect(answers.map(({ attrs }) => attrs['type'])).toEqual(['error', 'error', 'error'])
  }),

  conform(
    'Q07',
    'A worker that goes on with the session of one that died knows contacts and requests.',
    async (setting) => {
      const { bob, account } = setting
      await befriend(setting)
      const jid = bareJid(bob)
      const tab = await setting.tab()
      const other = await setting.client('nurse')
      toPresence(other, account, 'subscribe')
      await tab.sees({ name: 'roster request', event: { jid: bareJid(other) } })
      await tab.untilContact(jid, { show: 'online' })
      await settle(setting)
      const mark = await tab.mark()

      await tab.killWorker()

      await tab.sees({ name: 'status', event: { status: 'online' } }, { since: mark, ms: 20_000 })
      await settle(setting)
      const { contacts, requests } = await tab.contacts()
      expect(contacts[jid]).toMatchObject({ show: 'online', subscription: 'both' })
      expect(requests).toEqual([bareJid(other)])
    },
    { mortal: true, deadlineMs: 60_000 },
  ),
]
