// Row R8; checks 15 and 16.
import { expect } from 'expect'
import { el } from '../../support/raw-client.ts'
import { type Case, conform, type Setting } from '../case.ts'
import { bodies, NICK, names, only, pair, settle } from '../steps.ts'
import { isLine, lineOf } from '../witness.ts'

async function fill({ bob, room }: Setting, count: number): Promise<void> {
  for (let n = 1; n <= count; n++) await bob.say(room, `message ${n}`)
}

const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, n) => `message ${from + n}`)

export const joiningHistory: readonly Case[] = [
  conform(
    'J30',
    'No history is given where none is wanted, by number or by characters, to the first tab and to later ones; a subject is.',
    async (setting) => {
      const { room } = setting
      await fill(setting, 3)
      const tabs = await setting.tabs(3)
      const wishes = [{ maxstanzas: 0 }, { maxchars: 0 }, { maxstanzas: 0 }]

      for (const [at, tab] of tabs.entries()) await tab.join(room, { ...NICK, history: wishes[at] ?? {} })
      await settle(setting)

      for (const tab of tabs) expect(names(await tab.told(room))).toBe('occupant-joined joined subject')
    },
  ),

  conform(
    'J31',
    'A number of messages gives the newest so many, to the first tab and to later ones, whatever the others wanted.',
    async (setting) => {
      const { room } = setting
      await fill(setting, 8)
      const tabs = await setting.tabs(4)
      const wishes = [3, 5, 1, 3]

      for (const [at, tab] of tabs.entries()) {
        await tab.join(room, { ...NICK, history: { maxstanzas: wishes[at] ?? 0 } })
      }
      await settle(setting)

      const found = await Promise.all(tabs.map(async (tab) => bodies(await tab.told(room))))
      expect(found[0]).toEqual(numbered(6, 8))
      expect(found[2]).toEqual(numbered(8, 8))
      expect(found[3]).toEqual(numbered(6, 8))
      // A later tab wants more than the first one had: it is to get what the room would give it.
      expect(found[1]).toEqual(numbered(4, 8))
    },
  ),

  conform('J32', 'Tabs that join in the same moment each get as much history as they asked for.', async (setting) => {
    const { room } = setting
    await fill(setting, 30)
    const tabs = await setting.tabs(3)
    const wishes = [{ maxstanzas: 2 }, { maxstanzas: 25 }, {}]

    await Promise.all(tabs.map((tab, at) => tab.join(room, { ...NICK, history: wishes[at] ?? {} })))
    await settle(setting)

    const found = await Promise.all(tabs.map(async (tab) => bodies(await tab.told(room))))
    expect(found[0]).toEqual(numbered(29, 30))
    expect(found[2]).toEqual(numbered(11, 30))
    // No more than 20 where the room itself gives no more.
    const raw = await (await setting.device('phone')).join(room, 'Juliet', { history: { maxstanzas: 25 } })
    expect(found[1]).toEqual(raw.filter(isLine).map((message) => message.getChildText('body')))
  }),

  conform(
    'J33',
    'Without a wish a tab gets as many messages as a client by itself, each with the time and the id that the room gave it.',
    async (setting) => {
      const { room } = setting
      await fill(setting, 30)
      const [first, second] = await pair(setting)
      await first.join(room, NICK)
      await second.join(room, NICK)
      await settle(setting)

      const raw = await (await setting.device('phone')).join(room, 'Juliet')
      const lines = raw.filter(isLine).map((message) => lineOf(message, room))
      expect(lines).toHaveLength(20)
      for (const tab of [first, second]) {
        const history = only(await tab.told(room), 'message').map(({ event }) => event)
        expect(history.map(({ id, body, stampMs }) => ({ id, body, stampMs }))).toEqual(
          lines.map(({ id, body, stampMs }) => ({ id, body, stampMs })),
        )
        expect(history.every((message) => message.history)).toBe(true)
      }
    },
  ),

  conform(
    'J34',
    'A message that a moderator took away before a tab joins is not shown to it as it was.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await pair(setting)
      await first.join(room, NICK)
      const said = await bob.say(room, 'better not said')
      await bob.say(room, 'something else')
      await first.untilMessage('something else')
      const id = said.getChild('stanza-id', 'urn:xmpp:sid:0')?.attrs['id']

      const moderate = el(
        'apply-to',
        { xmlns: 'urn:xmpp:fasten:0', id },
        el(
          'moderate',
          { xmlns: 'urn:xmpp:message-moderate:0' },
          el('retract', { xmlns: 'urn:xmpp:message-retract:0' }),
        ),
      )
      await bob.request(el('iq', { type: 'set', to: room }, moderate))
      const updated = await first.sees({ room, name: 'message-updated' })
      await second.join(room, NICK)
      await settle(setting)

      expect(updated.event).toMatchObject({ change: 'moderation', message: { id, body: '', moderated: true } })
      const shown = only(await second.told(room), 'message').map(({ event }) => event)
      expect(shown.filter(({ body, moderated }) => body === 'better not said' && !moderated)).toEqual([])
      expect(shown.map(({ body }) => body)).toContain('something else')
    },
    { needs: ['moderation of messages'] },
  ),
]
