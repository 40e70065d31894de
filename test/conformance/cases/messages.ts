// Rows R31 and R32; checks 47 to 50.
import { expect } from 'expect'
import type { Told } from '../../support/browser/harness.ts'
import { archiveOf } from '../../support/raw-archive.ts'
import { el } from '../../support/raw-client.ts'
import { kick, setRole } from '../../support/raw-room.ts'
import { bodiesSeen, presencesOf } from '../../support/stage.ts'
import { type Case, conform } from '../case.ts'
import { bodies, NICK, names, only, pair, pairIn, refused, settle, tabsIn } from '../steps.ts'
import { isJoin, isSelfPing, sent } from '../wire.ts'
import { lineOf } from '../witness.ts'

const messages = (told: readonly Told[]) => only(told, 'message').map(({ event }) => event)

/** The text of each groupchat message that the account sent since a mark. */
const written = (wire: Parameters<typeof sent>[0], mark: number): string[] =>
  sent(wire, mark)
    .flatMap((stanza) => stanza.is('message') && (stanza.getChildText('body') ?? []))
    .filter((body): body is string => typeof body === 'string')

export const message: readonly Case[] = [
  conform(
    'M01',
    'A message goes out once: every tab has it once under the id of the room, its own tab as its own, Bob once, the archive once.',
    async (setting) => {
      const { room, wire, bob } = setting
      const tabs = await tabsIn(setting, 3)
      await settle(setting)
      const [mark, seen] = [wire.frames.mark(), bob.mark()]

      const result = await tabs[0]?.send(room, 'hi')
      await settle(setting)

      const atBob = bob
        .received(seen)
        .filter((s) => s.is('message'))
        .map((s) => lineOf(s, room))
      expect(atBob).toHaveLength(1)
      expect(result).toMatchObject({ id: atBob[0]?.id, body: 'hi', state: 'delivered', own: true, fromThisTab: true })
      expect(atBob[0]?.id).toEqual(expect.any(String))
      for (const [at, tab] of tabs.entries()) {
        const found = messages(await tab.told(room))
        expect(found).toHaveLength(1)
        expect(found[0]).toMatchObject({ ...atBob[0], own: true, history: false, fromThisTab: at === 0 })
      }
      expect(written(wire, mark)).toEqual(['hi'])
      expect((await archiveOf(bob, room)).map(({ body }) => body)).toEqual(['hi'])
      const late = await setting.tab()
      await late.join(room, NICK)
      expect(messages(await late.told(room)).map(({ id, history, own }) => ({ id, history, own }))).toEqual([
        { id: atBob[0]?.id, history: true, own: true },
      ])
    },
  ),

  conform(
    'M02',
    'Two tabs that each send twenty at once: forty messages, no two under one id, in one order for all tabs, Bob and the archive.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await pairIn(setting)
      const seen = bob.mark()
      const twenty = Array.from({ length: 20 }, (_, n) => n + 1)

      const results = await Promise.all([
        ...twenty.map((n) => first.send(room, `first ${n}`)),
        ...twenty.map((n) => second.send(room, `second ${n}`)),
      ])
      await settle(setting)

      const order = bodiesSeen(bob, room, seen)
      expect(order).toHaveLength(40)
      expect(order.filter((body) => body.startsWith('first'))).toEqual(twenty.map((n) => `first ${n}`))
      expect(order.filter((body) => body.startsWith('second'))).toEqual(twenty.map((n) => `second ${n}`))
      const lines = bob
        .received(seen)
        .filter((s) => s.is('message'))
        .map((s) => lineOf(s, room))
      for (const tab of [first, second]) {
        const found = messages(await tab.told(room))
        expect(found.map(({ id, body }) => ({ id, body }))).toEqual(lines.map(({ id, body }) => ({ id, body })))
        const mine = tab === first ? 'first' : 'second'
        expect(found.filter(({ fromThisTab, body }) => fromThisTab !== body.startsWith(mine))).toEqual([])
      }
      expect(new Set(results.map(({ id }) => id)).size).toBe(40)
      expect(new Set(results.map(({ originId }) => originId)).size).toBe(40)
      expect((await archiveOf(bob, room)).map(({ body }) => body)).toEqual(order)
    },
    { deadlineMs: 60_000 },
  ),

  conform(
    'M03',
    'A message that the room refuses is refused to the tab that sent it, and no other tab ever sees it.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await pairIn(setting)
      await setRole(bob, room, 'Juliet', 'visitor')
      await settle(setting)
      expect((await second.state(room)).self?.role).toBe('visitor')
      const [seen, before, late] = [bob.mark(), await second.mark(), await first.mark()]

      const error = await refused(first.send(room, 'may I?'))
      await settle(setting)

      expect(error).toMatchObject({ code: 'forbidden', facts: { condition: 'forbidden' } })
      expect(await second.toldSince(before)).toEqual([])
      expect(only(await first.toldSince(late), 'message')).toEqual([])
      expect(bodiesSeen(bob, room, seen)).toEqual([])
      const third = await setting.tab()
      await third.join(room, NICK)
      expect(bodies(await third.told(room))).toEqual([])
    },
    { fields: { 'muc#roomconfig_moderatedroom': true } },
  ),

  conform(
    'M04',
    'A message to a room that dropped us without a word brings us back and goes out again: the room sees it once.',
    async (setting) => {
      const { room, wire, bob } = setting
      const [first, second] = await pairIn(setting)
      const off = wire.rule(({ dir, text }) => (dir === 'down' && /code=['"]307['"]/.test(text) ? 'drop' : 'pass'))
      await kick(bob, room, 'Juliet')
      await settle(setting)
      off()
      const [mark, seen, before] = [wire.frames.mark(), bob.mark(), await second.mark()]

      const result = await first.send(room, 'is anybody there?')
      await settle(setting)

      expect(result).toMatchObject({ body: 'is anybody there?', state: 'delivered' })
      expect(written(wire, mark)).toEqual(['is anybody there?', 'is anybody there?'])
      expect(
        new Set(
          sent(wire, mark)
            .filter((s) => s.is('message'))
            .map((s) => s.attrs['id']),
        ).size,
      ).toBe(1)
      expect(sent(wire, mark).filter(isSelfPing)).toHaveLength(1)
      expect(sent(wire, mark).filter(isJoin)).toHaveLength(1)
      expect(presencesOf(bob, `${room}/Juliet`, seen)).toEqual(['available'])
      expect(bodiesSeen(bob, room, seen)).toEqual(['is anybody there?'])
      const told = await second.toldSince(before, room)
      expect(names(told)).toBe('interrupted resumed message')
      expect((await second.state(room)).state).toBe('in')
    },
    { ghost: true },
  ),

  conform(
    'M05',
    'Two tabs that say the same words in the same moment: each is answered with its own message.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await pairIn(setting)
      const seen = bob.mark()

      const [one, two] = await Promise.all([first.send(room, 'ok'), second.send(room, 'ok')])
      await settle(setting)

      expect(one.id).not.toBe(two.id)
      expect(bodiesSeen(bob, room, seen)).toEqual(['ok', 'ok'])
      for (const [tab, own, others] of [
        [first, one, two],
        [second, two, one],
      ] as const) {
        const found = messages(await tab.told(room))
        expect(found).toHaveLength(2)
        expect(found.find(({ id }) => id === own.id)).toMatchObject({ fromThisTab: true, originId: own.originId })
        expect(found.find(({ id }) => id === others.id)).toMatchObject({ fromThisTab: false, own: true })
      }
    },
  ),

  conform(
    'M06',
    'The same words from another device under our nick are not taken for the message of a tab that is still under way.',
    async (setting) => {
      const { room, wire, bob } = setting
      const [first, second] = await pairIn(setting)
      const phone = await setting.device('phone')
      await phone.join(room, 'Juliet')
      await first.send(room, 'before')
      await settle(setting)
      const [seen, before, inFirstBefore] = [bob.mark(), await second.mark(), await first.mark()]

      wire.stall('up')
      const sending = first.send(room, 'ok')
      await first.inspect()
      await phone.say(room, 'ok', { id: 'of-the-phone' })
      await second.untilMessage('ok')
      wire.release('up')
      const result = await sending
      await settle(setting)

      const [ofPhone, ofTab] = bob
        .received(seen)
        .filter((s) => s.is('message'))
        .map((s) => lineOf(s, room))
      expect(result.id).toBe(ofTab?.id)
      const found = messages(await second.toldSince(before, room))
      expect(found.map(({ id, own, fromThisTab }) => ({ id, own, fromThisTab }))).toEqual([
        { id: ofPhone?.id, own: true, fromThisTab: false },
        { id: ofTab?.id, own: true, fromThisTab: false },
      ])
      const inFirst = messages(await first.toldSince(inFirstBefore, room))
      expect(inFirst.map(({ fromThisTab }) => fromThisTab)).toEqual([false, true])
    },
  ),

  conform(
    'M07',
    'A tab that does not wait for the room gets its message as sent, and then sees it come back like everybody.',
    async (setting) => {
      const { room, wire } = setting
      const [first, second] = await pairIn(setting)
      wire.stall('up')

      const result = await first.send(room, 'later', { wait: false })
      expect(result).toMatchObject({ body: 'later', state: 'sent', fromThisTab: true })
      wire.release('up')
      await second.untilMessage('later')
      await settle(setting)

      for (const tab of [first, second]) {
        const found = messages(await tab.told(room))
        expect(found).toHaveLength(1)
        expect(found[0]).toMatchObject({ originId: result.originId, state: 'delivered', fromThisTab: tab === first })
      }
    },
  ),

  conform('M08', 'A tab that is not in the room cannot write to it, though another tab is.', async (setting) => {
    const { room, wire } = setting
    const [first, second] = await pair(setting)
    await first.join(room, NICK)
    await settle(setting)
    const mark = wire.frames.mark()

    expect((await refused(second.send(room, 'hello'))).code).toBe('not-joined')
    await settle(setting)

    expect(sent(wire, mark).map(String)).toEqual([])
  }),

  conform(
    'M09',
    'A message that names us says so in every tab; what is no message for reading is told to none.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await pairIn(setting)

      await bob.say(room, 'Juliet: are you there?')
      bob.send(
        el(
          'message',
          { to: room, type: 'groupchat' },
          el('composing', { xmlns: 'http://jabber.org/protocol/chatstates' }),
        ),
      )
      await bob.say(room, 'nothing for her')
      await settle(setting)

      for (const tab of [first, second]) {
        expect(messages(await tab.told(room)).map(({ body, mentionsMe }) => ({ body, mentionsMe }))).toEqual([
          { body: 'Juliet: are you there?', mentionsMe: true },
          { body: 'nothing for her', mentionsMe: false },
        ])
      }
    },
  ),

  conform(
    'M10',
    'A tab that dies before its message comes back takes nothing with it: the others see the message once.',
    async (setting) => {
      const { room, wire, bob } = setting
      const [first, second] = await pairIn(setting)
      const seen = bob.mark()
      wire.stall('up')
      const sending = second.send(room, 'last words').catch(() => undefined)
      await second.inspect()

      await second.crash()
      await sending
      wire.release('up')
      await first.untilMessage('last words')
      await settle(setting, first)

      expect(bodiesSeen(bob, room, seen)).toEqual(['last words'])
      expect(messages(await first.told(room))).toHaveLength(1)
      expect(messages(await first.told(room))[0]).toMatchObject({ own: true, fromThisTab: false })
    },
    { needs: ['way to crash one tab'] },
  ),
]
