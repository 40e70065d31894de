// Pictures of occupants, contacts, rooms, and the account's own.
import { randomBytes } from 'node:crypto'
import { expect } from 'expect'
import type { Tab } from '../../support/browser/tab.ts'
import { type Element, el, type RawClient, StanzaError } from '../../support/raw-client.ts'
import { type Case, conform, type Setting } from '../case.ts'
import { GIF, hashOf, PNG, setCard } from '../pictures.ts'
import { bareJid, only, pair, pairIn, refused, settle } from '../steps.ts'
import { sent } from '../wire.ts'

const NS_VCARD = 'vcard-temp'
const NS_PUBSUB = 'http://jabber.org/protocol/pubsub'
const NS_DATA = 'urn:xmpp:avatar:data'
const NS_METADATA = 'urn:xmpp:avatar:metadata'
const NS_UPDATE = 'vcard-temp:x:update'

const publish = (client: RawClient, node: string, id: string, payload: Element): Promise<Element> =>
  client.request(
    el('iq', { type: 'set' }, el('pubsub', { xmlns: NS_PUBSUB }, el('publish', { node }, el('item', { id }, payload)))),
  )

async function publishAvatar(client: RawClient, base64: string): Promise<void> {
  const id = hashOf(base64)
  await publish(client, NS_DATA, id, el('data', { xmlns: NS_DATA }, base64))
  const bytes = String(Buffer.from(base64, 'base64').length)
  const info = el('info', { id, bytes, type: 'image/png' })
  await publish(client, NS_METADATA, id, el('metadata', { xmlns: NS_METADATA }, info))
}

/** Shows in the room which picture they have. */
const showAvatar = (client: RawClient, occupantJid: string, base64: string): void =>
  client.send(el('presence', { to: occupantJid }, el('x', { xmlns: NS_UPDATE }, el('photo', {}, hashOf(base64)))))

/** The requests that the account made for images since a mark. */
const fetches = ({ wire }: Setting, mark: number): Element[] =>
  sent(wire, mark).filter(
    (stanza) =>
      stanza.attrs['type'] === 'get' &&
      (stanza.getChild('vCard') !== undefined ||
        stanza.getChild('pubsub')?.getChild('items')?.attrs['node'] === NS_DATA),
  )

const bobChanged = (tab: Tab, room: string, base64: string): Promise<unknown> =>
  tab.sees({ room, name: 'occupant-changed', event: { occupant: { nick: 'Bob', avatarHash: hashOf(base64) } } })

/** The hash that an occupant's newest presence says, as a client in the room has it. */
const shownHash =
  (client: RawClient, from: string, since: number): ((stanza: Element) => boolean) =>
  (stanza) =>
    client.received(since).includes(stanza) &&
    stanza.is('presence') &&
    stanza.attrs['from'] === from &&
    stanza.getChild('x', NS_UPDATE) !== undefined

export const avatars: readonly Case[] = [
  conform(
    'Q11',
    'The picture of an occupant is fetched once for all tabs, and once more when it changes.',
    async (setting) => {
      const { bob, room, wire } = setting
      const tabs = await pairIn(setting)
      await setCard(bob, PNG)
      const mark = wire.frames.mark()

      showAvatar(bob, `${room}/Bob`, PNG)
      for (const tab of tabs) await bobChanged(tab, room, PNG)
      const found = await Promise.all([...tabs, ...tabs].map((tab) => tab.avatar({ room, nick: 'Bob' })))

      expect(found.map((each) => each?.hash)).toEqual(Array(4).fill(hashOf(PNG)))
      expect(found.map((each) => each?.type)).toEqual(Array(4).fill('image/png'))
      expect(found[0]?.url).toBe(found[2]?.url)
      expect(fetches(setting, mark)).toHaveLength(1)

      await setCard(bob, GIF)
      showAvatar(bob, `${room}/Bob`, GIF)
      for (const tab of tabs) await bobChanged(tab, room, GIF)
      for (const tab of tabs)
        expect(await tab.avatar({ room, nick: 'Bob' })).toMatchObject({ hash: hashOf(GIF), type: 'image/gif' })
      expect(fetches(setting, mark)).toHaveLength(2)
    },
  ),

  conform(
    'Q12',
    'A picture that was fetched once is not fetched in the next session, and its address ends with the tab.',
    async (setting) => {
      const { bob, room, wire } = setting
      const tab = await setting.tab()
      await tab.join(room, { nick: 'Juliet' })
      await setCard(bob, PNG)
      showAvatar(bob, `${room}/Bob`, PNG)
      await bobChanged(tab, room, PNG)
      await tab.avatar({ room, nick: 'Bob' })
      await tab.account('logout')
      const mark = wire.frames.mark()

      const later = await setting.tab()
      await later.join(room, { nick: 'Juliet' })
      const found = await later.avatar({ room, nick: 'Bob' })

      expect(found?.hash).toBe(hashOf(PNG))
      expect(fetches(setting, mark)).toEqual([])
      const { url } = found ?? { url: '' }
      expect(await later.page.evaluate((url) => harness.isThere(url), url)).toBe(true)
      await later.account('detach')
      expect(await later.page.evaluate((url) => harness.isThere(url), url)).toBe(false)
    },
  ),

  conform('Q13', 'The picture of a person is found by their JID, once for all tabs.', async (setting) => {
    const { bob } = setting
    const jid = bareJid(bob)
    await setCard(bob, PNG)
    const tabs = await pair(setting)
    await settle(setting)
    const mark = setting.wire.frames.mark()

    const found = await Promise.all(tabs.map((tab) => tab.avatar({ jid })))
    const again = await Promise.all(tabs.map((tab) => tab.avatar({ jid: `${jid}/watcher` })))

    expect([...found, ...again].map((each) => each?.hash)).toEqual(Array(4).fill(hashOf(PNG)))
    expect(fetches(setting, mark)).toHaveLength(1)
    const nobody = await setting.client('nurse')
    expect(await tabs[0].avatar({ jid: bareJid(nobody) })).toBeNull()
  }),

  conform(
    'Q14',
    'The account’s own picture, set in one tab, is in all tabs, in every presence and on other devices, until it is removed.',
    async (setting) => {
      const { bob, room, account } = setting
      const [first, second] = await pairIn(setting)
      const phone = await setting.device('phone')
      let seen = bob.mark()

      expect(await first.setAvatar(PNG)).toBe(hashOf(PNG))

      for (const tab of [first, second]) {
        await tab.sees({ name: 'avatar changed', event: { jid: account, hash: hashOf(PNG) } })
        expect((await tab.avatar({ jid: account }))?.hash).toBe(hashOf(PNG))
        await tab.sees({ room, name: 'occupant-changed', event: { occupant: { own: true, avatarHash: hashOf(PNG) } } })
      }
      const shown = await bob.waitFor(shownHash(bob, `${room}/Juliet`, seen), { what: 'the hash in the room' })
      expect(shown.getChild('x', NS_UPDATE)?.getChildText('photo')).toBe(hashOf(PNG))
      const own = await phone.request(el('iq', { type: 'get' }, el('vCard', { xmlns: NS_VCARD })))
      expect(own.getChild('vCard')?.getChild('PHOTO')?.getChildText('BINVAL')).toBe(PNG)
      const items = el('items', { node: NS_METADATA })
      const metadata = await phone.request(el('iq', { type: 'get' }, el('pubsub', { xmlns: NS_PUBSUB }, items)))
      expect(String(metadata)).toContain(hashOf(PNG))

      await settle(setting)
      seen = bob.mark()
      await second.removeAvatar()

      for (const tab of [first, second]) {
        await tab.until('the picture is gone', ({ name, event }) => name === 'avatar changed' && !event.hash)
        expect(await tab.avatar({ jid: account })).toBeNull()
      }
      const bare = await bob.waitFor(shownHash(bob, `${room}/Juliet`, seen), { what: 'no hash in the room' })
      expect(bare.getChild('x', NS_UPDATE)?.getChildText('photo') ?? '').toBe('')
      const left = await phone
        .request(el('iq', { type: 'get' }, el('vCard', { xmlns: NS_VCARD })))
        .catch((error: unknown) => (error instanceof StanzaError ? undefined : Promise.reject(error)))
      expect(left?.getChild('vCard')?.getChild('PHOTO')?.getChildText('BINVAL') ?? '').toBe('')
    },
  ),

  conform('Q15', 'A picture that another device gives the account is shown by this one, too.', async (setting) => {
    const { bob, room, account } = setting
    const [first, second] = await pairIn(setting)
    const phone = await setting.device('phone')
    const seen = bob.mark()

    await publishAvatar(phone, GIF)

    for (const tab of [first, second]) {
      await tab.sees({ name: 'avatar changed', event: { jid: account, hash: hashOf(GIF) } })
      expect((await tab.avatar({ jid: account }))?.hash).toBe(hashOf(GIF))
    }
    if (setting.server.name === 'ejabberd') return // it puts the picture of the vCard in its place
    const shown = await bob.waitFor(shownHash(bob, `${room}/Juliet`, seen), { what: 'the hash in the room' })
    expect(shown.getChild('x', NS_UPDATE)?.getChildText('photo')).toBe(hashOf(GIF))
  }),

  conform(
    'Q16',
    'The picture of a room is known to every tab in it, fetched once, and makes it no occupant.',
    async (setting) => {
      const { bob, room } = setting
      await setCard(bob, PNG, room)
      const tabs = await pairIn(setting)
      const mark = setting.wire.frames.mark()

      for (const tab of tabs) {
        expect((await tab.avatar({ room }))?.hash).toBe(hashOf(PNG))
        expect((await tab.state(room)).avatarHash).toBe(hashOf(PNG))
      }
      expect(fetches(setting, mark)).toHaveLength(1)
      expect(only(await tabs[0].told(room), 'occupant-joined').map(({ event }) => event.occupant.nick)).toEqual(['Bob'])
    },
  ),

  conform(
    'Q17',
    'A room with another picture than before tells every tab.',
    async (setting) => {
      const { bob, room } = setting
      await setCard(bob, PNG, room)
      const tabs = await pairIn(setting)
      await setCard(bob, GIF, room)

      for (const tab of tabs) {
        await tab.sees({ name: 'avatar changed', event: { jid: room, hash: hashOf(GIF) } })
        expect((await tab.state(room)).avatarHash).toBe(hashOf(GIF))
        expect((await tab.avatar({ room }))?.type).toBe('image/gif')
      }
    },
    { needs: ['word of new pictures of rooms'] },
  ),

  conform(
    'Q18',
    'The largest picture that may be set passes, and a larger one is refused before it is sent.',
    async (setting) => {
      const { account, wire } = setting
      const [first, second] = await pair(setting)
      const ofSize = (bytes: number): string =>
        Buffer.concat([Buffer.from(PNG, 'base64'), randomBytes(bytes)])
          .subarray(0, bytes)
          .toString('base64')
      const largest = ofSize(128 * 1024)

      expect(await first.setAvatar(largest)).toBe(hashOf(largest))
      expect((await second.avatar({ jid: account }))?.hash).toBe(hashOf(largest))
      expect((await first.inspect()).wire.connections).toBe(1)

      const mark = wire.frames.mark()
      expect((await refused(first.setAvatar(ofSize(128 * 1024 + 1)))).code).toBe('not-acceptable')
      expect(sent(wire, mark)).toEqual([])
    },
  ),
]
