// Rows R28 and R30; checks 42 to 45.
import { expect } from 'expect'
import type { Tab } from '../../support/browser/tab.ts'
import type { RawClient } from '../../support/raw-client.ts'
import { type Case, conform, type Setting } from '../case.ts'
import { bareJid, NICK, only, pair, pairIn, refused, settle } from '../steps.ts'
import { isJoin, sent } from '../wire.ts'

/** What the account showed since a mark, and to whom: `all` is everybody who has it on their list. */
function shown({ wire }: Setting, mark: number): string[] {
  const presences = sent(wire, mark).filter((stanza) => stanza.is('presence'))
  return presences
    .map((each) => `${each.attrs['to'] ?? 'all'} ${each.attrs['type'] ?? (each.getChildText('show') || 'online')}`)
    .sort()
}

/** The same show once to everybody, and once to each room. */
const everywhere = (show: string, rooms: readonly string[]): string[] =>
  ['all', ...rooms.map((room) => `${room}/Juliet`)].map((to) => `${to} ${show}`).sort()

/** What a client was shown by somebody since a mark, in its order: shows, or `unavailable`. */
const seenOf = (client: RawClient, from: string, since: number): string[] =>
  client
    .received(since)
    .filter((stanza) => stanza.is('presence') && stanza.attrs['from'] === from)
    .map((stanza) => stanza.attrs['type'] ?? (stanza.getChildText('show') || 'online'))

/** Two tabs, both in two rooms. */
async function pairInBoth(setting: Setting): Promise<{ tabs: [Tab, Tab]; rooms: string[] }> {
  const other = await setting.makeRoom()
  const tabs = await pairIn(setting)
  for (const tab of tabs) await tab.join(other, NICK)
  await settle(setting)
  return { tabs, rooms: [setting.room, other] }
}

export const presence: readonly Case[] = [
  conform(
    'P01',
    'What a tab chooses to show is shown once to everybody and once in each room, and the last word of any tab counts.',
    async (setting) => {
      const { bob } = setting
      const { tabs, rooms } = await pairInBoth(setting)
      const [first, second] = tabs
      let [mark, seen] = [setting.wire.frames.mark(), bob.mark()]

      expect(await first.account('setPresence', { show: 'dnd', status: 'busy' })).toEqual({
        show: 'dnd',
        status: 'busy',
      })
      await settle(setting)
      expect(shown(setting, mark)).toEqual(everywhere('dnd', rooms))
      for (const room of rooms) {
        expect(seenOf(bob, `${room}/Juliet`, seen)).toEqual(['dnd'])
        for (const tab of tabs) expect((await tab.state(room)).self).toMatchObject({ show: 'dnd', status: 'busy' })
      }
      ;[mark, seen] = [setting.wire.frames.mark(), bob.mark()]

      await second.account('setPresence', { show: 'xa' })
      await settle(setting)

      expect(shown(setting, mark)).toEqual(everywhere('xa', rooms))
      for (const tab of tabs) {
        const told = only(await tab.told(), 'presence').map(({ event }) => event)
        expect(told.slice(-2)).toEqual([{ show: 'dnd', status: 'busy' }, { show: 'xa' }])
        for (const room of rooms) {
          expect((await tab.state(room)).self).toMatchObject({ show: 'xa' })
          expect((await tab.state(room)).self?.status).toBeUndefined()
        }
      }
      for (const room of rooms) expect(seenOf(bob, `${room}/Juliet`, seen)).toEqual(['xa'])
    },
  ),

  conform('P02', 'The same show once more, from whichever tab, sends nothing and is answered.', async (setting) => {
    const { wire, bob, room } = setting
    const [first, second] = await pairIn(setting)
    await first.account('setPresence', { show: 'dnd', status: 'busy' })
    await settle(setting)
    const [mark, seen, before] = [wire.frames.mark(), bob.mark(), await second.mark()]

    const answers = [
      await first.account('setPresence', { show: 'dnd', status: 'busy' }),
      await second.account('setPresence', { show: 'dnd', status: 'busy' }),
    ]
    await settle(setting)

    expect(answers).toEqual([
      { show: 'dnd', status: 'busy' },
      { show: 'dnd', status: 'busy' },
    ])
    expect(sent(wire, mark).map(String)).toEqual([])
    expect(seenOf(bob, `${room}/Juliet`, seen)).toEqual([])
    expect(await second.toldSince(before)).toEqual([])
  }),

  conform(
    'P03',
    'Without a choice the most active tab decides: away only when a person is away in every tab.',
    async (setting) => {
      const { wire, bob } = setting
      const { tabs, rooms } = await pairInBoth(setting)
      const [first, second] = tabs
      let [mark, seen] = [wire.frames.mark(), bob.mark()]

      await first.account('setActivity', 'away')
      await settle(setting)
      expect(sent(wire, mark).map(String)).toEqual([])

      await second.account('setActivity', 'xa')
      await settle(setting)
      expect(shown(setting, mark)).toEqual(everywhere('away', rooms))
      for (const room of rooms) expect(seenOf(bob, `${room}/Juliet`, seen)).toEqual(['away'])
      ;[mark, seen] = [wire.frames.mark(), bob.mark()]

      await second.account('setActivity', 'active')
      await settle(setting)
      expect(shown(setting, mark)).toEqual(everywhere('online', rooms))
      for (const room of rooms) expect(seenOf(bob, `${room}/Juliet`, seen)).toEqual(['online'])
    },
  ),

  conform(
    'P04',
    'A person who is away by their own word stays so while they are active, until they leave it to the tabs again.',
    async (setting) => {
      const { wire, bob, room } = setting
      const [first, second] = await pairIn(setting)
      const seen = bob.mark()
      await first.account('setPresence', { show: 'away', status: 'at lunch' })
      const mark = wire.frames.mark()

      await second.account('setActivity', 'xa')
      await second.account('setActivity', 'active')
      await settle(setting)
      expect(shown(setting, mark).filter((line) => !line.endsWith(' away'))).toEqual([])
      expect(seenOf(bob, `${room}/Juliet`, seen)).toEqual(['away'])

      expect(await second.account('setPresence', null)).toEqual({ show: 'online' })
      await settle(setting)
      expect(seenOf(bob, `${room}/Juliet`, seen)).toEqual(['away', 'online'])
    },
  ),

  conform('P05', 'A tab that dies no longer counts as active: the room sees what the others are.', async (setting) => {
    const { bob, room } = setting
    const [first, second] = await pairIn(setting)
    await first.account('setActivity', 'away')
    await settle(setting)
    const seen = bob.mark()

    await second.close()
    await bob.waitFor((s) => s.attrs['from'] === `${room}/Juliet`, { what: 'what the last tab shows', since: seen })
    await settle(setting, first)

    expect(seenOf(bob, `${room}/Juliet`, seen)).toEqual(['away'])
    expect((await first.state(room)).self).toMatchObject({ show: 'away' })
  }),

  conform(
    'P06',
    'The join itself shows what the account shows: the room sees one presence, and every tab the same.',
    async (setting) => {
      const { bob, room, wire } = setting
      const [first, second] = await pair(setting)
      await first.account('setPresence', { show: 'xa', status: 'on holiday' })
      await settle(setting)
      const [mark, seen] = [wire.frames.mark(), bob.mark()]

      await second.join(room, NICK)
      await first.join(room, NICK)
      await settle(setting)

      expect(shown(setting, mark)).toEqual([`${room}/Juliet xa`])
      expect(sent(wire, mark).filter(isJoin)).toHaveLength(1)
      expect(seenOf(bob, `${room}/Juliet`, seen)).toEqual(['xa'])
      for (const tab of [first, second])
        expect((await tab.state(room)).self).toMatchObject({ show: 'xa', status: 'on holiday' })
    },
  ),

  conform(
    'P07',
    'What is chosen while the connection is away is shown with the rejoin, and never before it.',
    async (setting) => {
      const { bob, room, wire } = setting
      const [first, second] = await pairIn(setting)
      const mark = wire.frames.mark()
      wire.refuse(true)
      wire.cut({ how: 'reset' })
      await first.sees({ name: 'interrupted' })

      await second.account('setPresence', { show: 'dnd' })
      wire.refuse(false)
      await first.sees({ name: 'resumed' })
      await settle(setting)

      expect(shown(setting, mark)).toEqual(everywhere('dnd', [room]))
      expect(sent(wire, mark).filter(isJoin)).toHaveLength(1)
      const last = bob.log.findLast((s) => s.is('presence') && s.attrs['from'] === `${room}/Juliet`)
      expect(last?.getChildText('show')).toBe('dnd')
      for (const tab of [first, second]) expect((await tab.state(room)).self).toMatchObject({ show: 'dnd' })
    },
    { resumes: false },
  ),

  conform(
    'P08',
    'Presence to somebody in particular is counted by tab: it ends when the last tab takes it back.',
    async (setting) => {
      const { wire } = setting
      const dave = await setting.client('dave')
      const [first, second] = await pair(setting)
      const of = (since: number): string[] =>
        dave
          .received(since)
          .filter((s) => s.is('presence') && s.attrs['from']?.startsWith(`${setting.account}/`))
          .map((s) => s.attrs['type'] ?? (s.getChildText('show') || 'online'))
      const arrived = async (): Promise<void> => {
        await settle(setting)
        await dave.barrier()
      }
      const [mark, seen] = [wire.frames.mark(), dave.mark()]

      await first.account('directPresence', dave.jid, { show: 'chat' })
      await second.account('directPresence', dave.jid, { show: 'chat' })
      await arrived()
      expect(of(seen)).toEqual(['chat'])

      await first.account('directPresence', dave.jid, null)
      await arrived()
      expect(of(seen)).toEqual(['chat'])

      await second.account('directPresence', dave.jid, null)
      await arrived()
      expect(of(seen)).toEqual(['chat', 'unavailable'])
      expect(shown(setting, mark)).toEqual([`${dave.jid} chat`, `${dave.jid} unavailable`])
    },
  ),

  conform(
    'P09',
    'A change of directed presence goes out, a repetition does not, and what a dead tab showed ends with it.',
    async (setting) => {
      const { wire } = setting
      const dave = await setting.client('dave')
      const [first, second] = await pair(setting)
      const [mark, seen] = [wire.frames.mark(), dave.mark()]
      await second.account('directPresence', dave.jid, { show: 'chat' })
      await second.account('directPresence', dave.jid, { show: 'away' })
      await second.account('directPresence', dave.jid, { show: 'away' })
      await settle(setting)

      await second.crash()
      await dave.waitFor((s) => s.is('presence') && s.attrs['type'] === 'unavailable', {
        what: 'the end of what the dead tab showed',
        since: seen,
      })
      await settle(setting, first)

      expect(shown(setting, mark)).toEqual([`${dave.jid} away`, `${dave.jid} chat`, `${dave.jid} unavailable`])
    },
    { needs: ['way to crash one tab'] },
  ),

  conform('P10', 'A tab cannot show itself to a room past the join: nothing is sent.', async (setting) => {
    const { room, wire } = setting
    const other = await setting.makeRoom()
    const [first, second] = await pair(setting)
    await first.join(room, NICK)
    await settle(setting)
    const mark = wire.frames.mark()

    for (const to of [`${room}/Juliet`, `${room}/Romeo`, `${other}/Juliet`]) {
      const error = await refused(second.account('directPresence', to, { show: 'away' }))
      expect(error.facts).toMatchObject({ code: 'stanza-error', condition: 'item-not-found' })
    }
    await settle(setting)

    expect(sent(wire, mark).map(String)).toEqual([])
  }),

  conform(
    'P11',
    'The priority of the account is told once to its other devices, whichever tab sets it, and stays with the next show.',
    async (setting) => {
      const phone = await setting.device('phone')
      const [first, second] = await pair(setting)
      await settle(setting)
      const since = phone.mark()
      const priorities = (): (string | null)[] =>
        phone
          .received(since)
          .filter((stanza) => stanza.is('presence') && stanza.attrs['type'] === undefined)
          .filter(({ attrs }) => attrs['from']?.startsWith(`${bareJid(phone)}/web-`))
          .map((stanza) => stanza.getChildText('priority'))

      expect(await first.account('setPresence', { priority: -1 })).toEqual({ show: 'online', priority: -1 })
      await second.account('setPresence', { priority: -1 })
      await second.account('setPresence', { show: 'dnd', priority: -1 })
      await settle(setting)

      expect(priorities()).toEqual(['-1', '-1'])
    },
  ),
]
