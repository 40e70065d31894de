// What people say of themselves.
import { expect } from 'expect'
import { type Element, el, type RawClient } from '../../support/raw-client.ts'
import { type Case, conform } from '../case.ts'
import { befriend } from '../friends.ts'
import { bareJid, only, pair, pairIn } from '../steps.ts'

const NS_VCARD = 'vcard-temp'
const NS_PUBSUB = 'http://jabber.org/protocol/pubsub'
const NS_NICK = 'http://jabber.org/protocol/nick'

const setCard = (client: RawClient, ...children: Element[]): Promise<Element> =>
  client.request(el('iq', { type: 'set' }, el('vCard', { xmlns: NS_VCARD }, ...children)))

const cardOf = async (client: RawClient, to?: string): Promise<Element | undefined> =>
  (
    await client.request(el('iq', { type: 'get', ...(to !== undefined && { to }) }, el('vCard', { xmlns: NS_VCARD })))
  ).getChild('vCard', NS_VCARD)

const publishNick = (client: RawClient, nick: string): Promise<Element> => {
  const item = el('item', { id: 'current' }, el('nick', { xmlns: NS_NICK }, nick))
  return client.request(
    el('iq', { type: 'set' }, el('pubsub', { xmlns: NS_PUBSUB }, el('publish', { node: NS_NICK }, item))),
  )
}

export const profiles: readonly Case[] = [
  conform(
    'Q21',
    'What the account says of itself in one tab, other tabs and other people read; what others wrote there stays.',
    async (setting) => {
      const { bob, account } = setting
      const phone = await setting.device('phone')
      await setCard(
        phone,
        el('FN', {}, 'Miss Capulet'),
        el('TITLE', {}, 'Miss'),
        el('URL', {}, 'https://capulet.example/'),
      )
      const [first, second] = await pair(setting)

      await first.profile('set', { fullName: 'Juliet Capulet', email: 'juliet@capulet.example', title: '' })

      const expected = { fullName: 'Juliet Capulet', email: 'juliet@capulet.example', url: 'https://capulet.example/' }
      for (const tab of [first, second]) expect(await tab.profile('get')).toEqual(expected)
      const card = await cardOf(bob, account)
      expect(card?.getChildText('FN')).toBe('Juliet Capulet')
      expect(card?.getChild('EMAIL')?.getChildText('USERID')).toBe('juliet@capulet.example')
      expect(card?.getChild('TITLE')).toBeUndefined()
    },
  ),

  conform(
    'Q22',
    'What people say of themselves is read by their JID, and of occupants through the room.',
    async (setting) => {
      const { bob, room } = setting
      await setCard(bob, el('FN', {}, 'Bob Builder'), el('NICKNAME', {}, 'Bobby'))
      const [first] = await pairIn(setting)

      const expected = { fullName: 'Bob Builder', nick: 'Bobby' }
      expect(await first.profile('get', bareJid(bob))).toEqual(expected)
      expect(await first.profile('get', `${room}/Bob`)).toEqual(expected)
      const nobody = await setting.client('nurse')
      expect(await first.profile('get', bareJid(nobody))).toEqual({})
    },
  ),

  conform('Q23', 'The names that contacts give themselves are heard in every tab, as they change.', async (setting) => {
    const { bob } = setting
    await befriend(setting)
    const jid = bareJid(bob)
    await publishNick(bob, 'Bobby')

    const tabs = await pair(setting)
    await tabs[0].sees({ name: 'nick of somebody', event: { jid, nick: 'Bobby' } })
    for (const tab of tabs) {
      await tab.inspect()
      expect(await tab.nickOf(jid)).toBe('Bobby')
    }
    await publishNick(bob, 'Robert')

    for (const tab of tabs) {
      await tab.sees({ name: 'nick of somebody', event: { jid, nick: 'Robert' } })
      expect(await tab.nickOf(jid)).toBe('Robert')
    }
    const late = await setting.tab()
    await late.profile('get')
    expect(await late.nickOf(jid)).toBe('Robert')
  }),

  conform('Q24', 'The account’s own name is heard in every tab, and on its other devices.', async (setting) => {
    const { account } = setting
    const features = [`${NS_NICK}+notify`]
    const phone = await setting.device('phone', features)
    const tabs = await pair(setting)

    await tabs[0].profile('set', { nick: 'Jule' })

    for (const tab of tabs) {
      await tab.sees({ name: 'nick of somebody', event: { jid: account, nick: 'Jule' } })
      expect(only(await tab.told(), 'nick of somebody')).toHaveLength(1)
      expect(await tab.profile('get')).toMatchObject({ nick: 'Jule' })
    }
    await phone.waitFor((stanza) => stanza.is('message') && String(stanza).includes('Jule'), { what: 'the name' })
  }),
]
