// Row R36b; check 57.
import { expect } from 'expect'
import type { Told } from '../../support/browser/harness.ts'
import { el, type RawClient } from '../../support/raw-client.ts'
import { setSubject } from '../../support/raw-room.ts'
import { type Case, conform } from '../case.ts'
import { bodies, NICK, names, only, pairIn, refused, settle } from '../steps.ts'
import { entryOf, isSubject } from '../witness.ts'

const EVERYBODY_MAY = { 'muc#roomconfig_changesubject': true }
const MODERATORS_MAY = { 'muc#roomconfig_changesubject': false }

const subjects = (told: readonly Told[]) => only(told, 'subject').map(({ event }) => event)

const subjectsSeen = (client: RawClient, since: number): (string | null)[] =>
  client
    .received(since)
    .filter(isSubject)
    .map((stanza) => stanza.getChildText('subject'))

export const subject: readonly Case[] = [
  conform(
    'M40',
    'A subject that a tab sets is answered and told once to every tab and to Bob; a late tab gets it with its time and author.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await pairIn(setting)
      const [seen, sinceMs] = [bob.mark(), Date.now()]
      const before = [await first.mark(), await second.mark()]

      await first.room(room, 'setSubject', 'Verona')
      await settle(setting)

      expect(subjectsSeen(bob, seen)).toEqual(['Verona'])
      for (const [at, tab] of [first, second].entries()) {
        const told = await tab.toldSince(before[at] ?? 0, room)
        expect(names(told)).toBe('subject')
        expect(subjects(told)[0]).toMatchObject({ text: 'Verona', nick: 'Juliet' })
        expect((await tab.state(room)).subject).toMatchObject({ text: 'Verona', nick: 'Juliet' })
      }
      const late = await setting.tab()
      await late.join(room, NICK)
      const raw = entryOf(await (await setting.device('phone')).join(room, 'Juliet'), room).subject
      const [shown] = subjects(await late.told(room))
      expect(shown).toMatchObject({ text: raw.text, nick: 'Juliet', stampMs: expect.any(Number) })
      expect(raw.text).toBe('Verona')
      // The room's clock may count whole seconds.
      expect(shown.stampMs).toBeGreaterThanOrEqual(sinceMs - 1_000)
      expect(shown.stampMs).toBeLessThanOrEqual(Date.now())
      if (raw.stampMs !== undefined) expect(Math.abs(shown.stampMs - raw.stampMs)).toBeLessThan(5_000)
    },
    { fields: EVERYBODY_MAY },
  ),

  conform(
    'M41',
    'A subject that the room refuses is refused to the tab that asked, and no other tab hears of it.',
    async (setting) => {
      const { room, bob } = setting
      await setSubject(bob, room, 'Mantua')
      const [first, second] = await pairIn(setting)
      const [seen, before, own] = [bob.mark(), await second.mark(), await first.mark()]

      const error = await refused(first.room(room, 'setSubject', 'Verona'))
      await settle(setting)

      expect(error).toMatchObject({ code: 'forbidden', facts: { condition: 'forbidden' } })
      expect(await second.toldSince(before)).toEqual([])
      expect(await first.toldSince(own)).toEqual([])
      expect(subjectsSeen(bob, seen)).toEqual([])
      for (const tab of [first, second]) expect((await tab.state(room)).subject.text).toBe('Mantua')
    },
    { fields: MODERATORS_MAY },
  ),

  conform(
    'M42',
    'Two tabs that set two subjects in the same moment are both answered, and all see the same one last.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await pairIn(setting)
      const seen = bob.mark()
      const before = [await first.mark(), await second.mark()]

      await Promise.all([first.room(room, 'setSubject', 'one'), second.room(room, 'setSubject', 'two')])
      await settle(setting)

      const order = subjectsSeen(bob, seen)
      expect([...order].sort()).toEqual(['one', 'two'])
      for (const [at, tab] of [first, second].entries()) {
        expect(subjects(await tab.toldSince(before[at] ?? 0, room)).map(({ text }) => text)).toEqual(order)
        expect((await tab.state(room)).subject.text).toBe(order[1])
      }
    },
    { fields: EVERYBODY_MAY },
  ),

  conform(
    'M43',
    'The same subject set by somebody else does not answer the call of a tab: that waits for its own.',
    async (setting) => {
      const { room, wire, bob } = setting
      const [first, second] = await pairIn(setting)
      const before = await second.mark()
      wire.stall('up')
      let answered = false
      const call = first.room(room, 'setSubject', 'Verona').then(() => {
        answered = true
      })
      await first.inspect()
      await setSubject(bob, room, 'Verona')
      await second.sees({ room, name: 'subject', event: { text: 'Verona', nick: 'Bob' } }, { since: before })
      await first.inspect()
      expect(answered).toBe(false)

      wire.release('up')
      await call
      await settle(setting)

      const told = subjects(await second.toldSince(before, room))
      expect(told.map(({ nick }) => nick)).toEqual(['Bob', 'Juliet'])
    },
    { fields: EVERYBODY_MAY },
  ),

  conform(
    'M44',
    'An empty text takes the subject away, in all tabs and for those that come later.',
    async (setting) => {
      const { room, bob } = setting
      await setSubject(bob, room, 'Mantua')
      const [first, second] = await pairIn(setting)
      expect((await second.state(room)).subject).toMatchObject({ text: 'Mantua', nick: 'Bob' })
      const before = await second.mark()

      await first.room(room, 'setSubject', '')
      await settle(setting)

      expect(names(await second.toldSince(before, room))).toBe('subject')
      const late = await setting.tab()
      await late.join(room, NICK)
      for (const tab of [first, second, late]) expect((await tab.state(room)).subject.text).toBe('')
      expect(subjects(await late.told(room)).map(({ text }) => text)).toEqual([''])
    },
    { fields: EVERYBODY_MAY },
  ),

  conform('M45', 'A message that has a subject and a text is a message, and changes no subject.', async (setting) => {
    const { room, bob } = setting
    await setSubject(bob, room, 'Mantua')
    const [first, second] = await pairIn(setting)

    bob.send(
      el(
        'message',
        { to: room, type: 'groupchat', id: 'both' },
        el('subject', {}, 'Re: Verona'),
        el('body', {}, 'yes'),
      ),
    )
    await first.untilMessage('yes')
    await settle(setting)

    for (const tab of [first, second]) {
      expect(bodies(await tab.told(room))).toEqual(['yes'])
      expect((await tab.state(room)).subject.text).toBe('Mantua')
    }
  }),
]
