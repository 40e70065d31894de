// Row R34; checks 52 and 53.
import { expect } from 'expect'
import type { Told } from '../../support/browser/harness.ts'
import type { Element } from '../../support/raw-client.ts'
import { whisper } from '../../support/raw-room.ts'
import { type Case, conform, type Setting } from '../case.ts'
import { guest, NICK, names, only, pairIn, refused, settle, tabsIn } from '../steps.ts'
import { sent } from '../wire.ts'

const whispers = (told: readonly Told[]) => only(told, 'private-message').map(({ event }) => event)

/** The private messages that Bob got since a mark. */
const atBob = ({ bob, room }: Setting, since: number): Element[] =>
  bob
    .received(since)
    .filter((s) => s.is('message') && s.attrs['type'] === 'chat' && s.attrs['from'] === `${room}/Juliet`)

export const privateMessages: readonly Case[] = [
  conform(
    'M20',
    'What somebody says to us alone every tab in the room is told once, and no tab that is not in it.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await pairIn(setting)
      const outside = await setting.tab()

      whisper(bob, `${room}/Juliet`, 'a secret')
      await first.sees({ room, name: 'private-message' })
      await settle(setting)

      for (const tab of [first, second]) {
        const told = await tab.told(room)
        expect(whispers(told)).toHaveLength(1)
        expect(whispers(told)[0]).toMatchObject({ nick: 'Bob', to: 'Juliet', body: 'a secret', own: false })
        expect(only(told, 'message')).toEqual([])
      }
      expect(await outside.told(room)).toEqual([])
    },
  ),

  conform(
    'M21',
    'What a tab says to one occupant goes out once, and the other tabs get a copy of it; a tab that joins later does not.',
    async (setting) => {
      const { room, wire, bob } = setting
      const carol = await guest(setting, 'Carol')
      const tabs = await tabsIn(setting, 3)
      await settle(setting)
      const [mark, seen, seenByCarol] = [wire.frames.mark(), bob.mark(), carol.mark()]

      const result = await tabs[0]?.room(room, 'sendPrivate', 'Bob', 'only for you')
      await settle(setting)
      await carol.barrier()

      expect(result).toMatchObject({ to: 'Bob', nick: 'Juliet', body: 'only for you', own: true, fromThisTab: true })
      expect(atBob(setting, seen).map((s) => s.getChildText('body'))).toEqual(['only for you'])
      expect(carol.received(seenByCarol).filter((s) => s.is('message'))).toEqual([])
      expect(sent(wire, mark).filter((s) => s.is('message'))).toHaveLength(1)
      for (const [at, tab] of tabs.entries()) {
        const found = whispers(await tab.told(room))
        expect(found).toHaveLength(1)
        expect(found[0]).toMatchObject({ id: result?.id, to: 'Bob', own: true, fromThisTab: at === 0 })
      }
      const late = await setting.tab()
      await late.join(room, NICK)
      await settle(setting)
      expect(names(await late.told(room))).toBe('occupant-joined occupant-joined joined subject')
    },
  ),

  conform(
    'M22',
    'With another device under the same nick each tab is told once of what comes, and of what a tab says.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await pairIn(setting)
      const phone = await setting.device('phone')
      await phone.join(room, 'Juliet')
      await settle(setting)
      const seen = bob.mark()

      whisper(bob, `${room}/Juliet`, 'a secret')
      await first.sees({ room, name: 'private-message', event: { body: 'a secret' } })
      await first.room(room, 'sendPrivate', 'Bob', 'the answer')
      await settle(setting)

      expect(atBob(setting, seen)).toHaveLength(1)
      for (const tab of [first, second]) {
        const found = whispers(await tab.told(room))
        expect(found.map(({ body, own }) => ({ body, own }))).toEqual([
          { body: 'a secret', own: false },
          { body: 'the answer', own: true },
        ])
      }
    },
  ),

  conform(
    'M23',
    'A private message to a nick that nobody has is refused to the tab that sent it, and no other tab hears of it.',
    async (setting) => {
      const { room } = setting
      const [first, second] = await pairIn(setting)
      const [before, own] = [await second.mark(), await first.mark()]

      const error = await refused(first.room(room, 'sendPrivate', 'Nobody', 'hello?'))
      await settle(setting)

      expect(error).toMatchObject({ code: 'stanza-error', facts: { condition: 'item-not-found' } })
      expect(await second.toldSince(before)).toEqual([])
      expect(await first.toldSince(own)).toEqual([])
      expect((await first.state(room)).state).toBe('in')
    },
  ),

  conform(
    'M24',
    'Private messages of two tabs in the same moment, one of which is refused: each tab has its own answer.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await pairIn(setting)
      const seen = bob.mark()

      const [good, bad] = await Promise.all([
        first.room(room, 'sendPrivate', 'Bob', 'hello'),
        refused(second.room(room, 'sendPrivate', 'Nobody', 'hello')),
      ])
      await settle(setting)

      expect(good).toMatchObject({ body: 'hello', to: 'Bob' })
      expect(bad.facts['condition']).toBe('item-not-found')
      expect(atBob(setting, seen)).toHaveLength(1)
      for (const tab of [first, second]) expect(whispers(await tab.told(room)).map(({ to }) => to)).toEqual(['Bob'])
    },
  ),
]
