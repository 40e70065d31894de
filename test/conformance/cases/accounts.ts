// Passwords, the end of a sign-in, where the server is, and what the account asks of its own server.
import { expect } from 'expect'
import type { Tab, TabOptions } from '../../support/browser/tab.ts'
import { el } from '../../support/raw-client.ts'
import { roomBarrier } from '../../support/raw-room.ts'
import { type Case, conform, type Setting } from '../case.ts'
import { bareJid, names, only, pair, pairIn, refused, settle } from '../steps.ts'

/** The scene gives each tab its password: here it is taken away. */
const NO_PASSWORD = { password: undefined } as unknown as Partial<TabOptions>
const NEWER = 'another password'

const statuses = async (tab: Tab): Promise<string[]> =>
  only(await tab.told(), 'status').map(({ event }) => event.status)

const databases = (tab: Tab): Promise<string[]> =>
  tab.page.evaluate(async () => (await indexedDB.databases()).map(({ name = '' }) => name))

/** Another device of the account gives it another password (XEP-0077 section 3.3). */
async function changePassword(setting: Setting): Promise<void> {
  const device = await setting.device('phone')
  const [username = ''] = setting.account.split('@')
  const query = el('query', { xmlns: 'jabber:iq:register' }, el('username', {}, username), el('password', {}, NEWER))
  await device.request(el('iq', { type: 'set', to: setting.server.domain }, query))
}

export const accounts: readonly Case[] = [
  conform(
    'K01',
    'A further tab with a wrong password is refused, and the others see nothing of it.',
    async (setting) => {
      const { wire } = setting
      const [first, second] = await pairIn(setting)
      const marks = await Promise.all([first.mark(), second.mark()])
      const third = await setting.openTab()

      const error = await refused(setting.connect(third, { password: 'wrong' }))

      expect(error.code).toBe('not-authorized')
      await setting.connect(third, NO_PASSWORD)
      await settle(setting)
      for (const [at, tab] of [first, second].entries()) expect(names(await tab.toldSince(marks[at] ?? 0))).toBe('')
      expect(wire.frames.all.filter(({ dir, text }) => dir === 'up' && text.startsWith('<auth'))).toHaveLength(1)
    },
  ),

  conform(
    'K02',
    'A password that was changed on the server is told once as refused, and a tab with the new one heals all.',
    async (setting) => {
      const { room, wire } = setting
      const [first, second] = await pairIn(setting)
      await changePassword(setting)
      wire.cut({ how: 'reset' })
      for (const tab of [first, second])
        await tab.sees({ name: 'status', event: { status: 'refused' } }, { ms: 20_000 })

      const third = await setting.openTab()
      await setting.connect(third, { password: NEWER })

      for (const tab of [first, second]) await tab.sees({ name: 'resumed' }, { ms: 20_000 })
      for (const tab of [first, second]) {
        expect((await statuses(tab)).filter((each) => each === 'refused')).toHaveLength(1)
        expect((await tab.state(room)).state).toBe('in')
      }
      await first.send(room, 'here again')
    },
    { resumes: false, deadlineMs: 60_000 },
  ),

  conform('K03', 'A logout reaches every tab, and who comes later needs a password.', async (setting) => {
    const { room } = setting
    const [first, second] = await pairIn(setting)

    await first.account('logout')

    for (const tab of [first, second]) {
      await tab.sees({ name: 'status', event: { status: 'offline' } })
      await tab.sees({ room, name: 'left' })
      expect((await tab.state(room)).state).toBe('out')
    }
    const third = await setting.openTab()
    expect((await refused(setting.connect(third, NO_PASSWORD))).code).toBe('credentials-required')
    expect(await databases(first)).toContain(`minimix:${setting.account}`)
  }),

  conform('K04', 'A logout that wipes leaves no database, and the account can be used anew.', async (setting) => {
    const { room } = setting
    const [first] = await pairIn(setting)
    await first.send(room, 'soon forgotten')
    expect(await databases(first)).toContain(`minimix:${setting.account}`)

    await first.account('logout', { wipe: true })

    expect(await databases(first)).toEqual([])
    const third = await setting.tab()
    expect(await third.account('search', 'forgotten')).toEqual([])
    await third.join(room, { nick: 'Juliet' })
    await third.send(room, 'anew')
    expect(await third.account('search', 'anew')).toHaveLength(1)
    expect(await databases(third)).toContain(`minimix:${setting.account}`)
  }),

  conform(
    'K05',
    'Of several addresses one that does not answer is passed over, at each connection.',
    async (setting) => {
      const { wire, room } = setting
      // Nobody listens at the discard port of this machine.
      const tab = await setting.tab({ service: ['ws://127.0.0.1:9/', wire.url] })
      await tab.join(room, { nick: 'Juliet' })

      wire.cut({ how: 'reset' })

      await tab.sees({ name: 'interrupted' })
      await tab.sees({ name: 'resumed' }, { ms: 20_000 })
    },
  ),

  conform('K06', 'Where no address is given nor found, that is told in so many words.', async (setting) => {
    const tab = await setting.openTab()

    const error = await refused(setting.connect(tab, { service: [] }))

    expect(error.code).toBe('service-unreachable')
    expect(error.message).toContain('/.well-known/host-meta')
  }),

  conform('K07', 'The server is told whether any tab is looked at, once for each change.', async (setting) => {
    const { wire } = setting
    const [first, second] = await pair(setting)
    await settle(setting)
    const mark = wire.frames.mark()
    const said = (): string[] =>
      wire.frames.all
        .slice(mark)
        .flatMap(({ dir, text }) => (dir === 'up' ? (/^<(active|inactive)\b/.exec(text)?.[1] ?? []) : []))

    await first.show(false)
    await settle(setting)
    expect(said()).toEqual([])
    await second.show(false)
    await settle(setting)
    await first.show(true)
    await second.show(true)
    await settle(setting)

    expect(said()).toEqual(['inactive', 'active'])
  }),

  conform(
    'K08',
    'Somebody who is blocked says nothing to us alone, until they are not blocked any more.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await pairIn(setting)
      const change = (tab: Tab, name: 'block' | 'unblock'): Promise<void> => tab.blocking(name, bareJid(bob))
      const whisper = async (body: string): Promise<void> => {
        const x = el('x', { xmlns: 'http://jabber.org/protocol/muc#user' })
        bob.send(el('message', { to: `${room}/Juliet`, type: 'chat', id: body }, el('body', {}, body), x))
        await roomBarrier(bob, `${room}/Bob`)
        await settle(setting)
      }

      await change(first, 'block')
      expect(await second.blocking('list')).toEqual([bareJid(bob)])
      await whisper('one')
      await change(second, 'unblock')
      await whisper('two')

      for (const tab of [first, second])
        expect(only(await tab.told(room), 'private-message').map(({ event }) => event.body)).toEqual(['two'])
    },
    { fields: { 'muc#roomconfig_whois': 'anyone' } },
  ),

  conform('K09', 'A private message that another device has sent is shown in every tab, once.', async (setting) => {
    const { room } = setting
    const tabs = await pairIn(setting)
    const device = await setting.device('phone')
    await device.join(room, 'Phone')

    const x = el('x', { xmlns: 'http://jabber.org/protocol/muc#user' })
    device.send(el('message', { to: `${room}/Bob`, type: 'chat', id: 'psst' }, el('body', {}, 'psst'), x))
    await roomBarrier(device, `${room}/Phone`)
    await settle(setting)

    const shown = setting.server.name === 'ejabberd' ? ['psst'] : []
    for (const tab of tabs)
      expect(only(await tab.told(room), 'private-message').map(({ event }) => event.body)).toEqual(shown)
  }),

  conform(
    'K10',
    'Without an account the server makes one up, for all tabs, and nothing of it is kept.',
    async (setting) => {
      const { room } = setting
      const anonymous = { jid: 'anon.localhost', anonymous: true, ...NO_PASSWORD }
      const [first, second] = await setting.tabs(2, anonymous)
      if (!first || !second) throw new Error('there are to be two tabs')
      for (const tab of [first, second]) await tab.join(room, { nick: 'Guest' })

      await first.send(room, 'hello')

      await second.untilMessage('hello')
      expect((await first.occupants(room))['Guest']).toMatchObject({ own: true, ownAccount: true })
      expect(await first.inspect()).toMatchObject({ storage: 'memory', wire: { connections: 1, joins: 1 } })
      expect(await databases(first)).toEqual([])
    },
    { needs: ['accounts that it makes up'] },
  ),
]
