// Row R41; checks 68 and 69.
import { expect } from 'expect'
import type { Tab } from '../../support/browser/tab.ts'
import { el } from '../../support/raw-client.ts'
import { kick, showIn } from '../../support/raw-room.ts'
import { presencesOf } from '../../support/stage.ts'
import { type Case, conform, type Setting } from '../case.ts'
import { bodies, guest, names, only, pairIn, refused, settle, tabsIn } from '../steps.ts'
import { isJoin, isSelfPing, sent, stanzaOf } from '../wire.ts'

/** Silence after which the account asks whether it is still in. */
const QUIET_MS = 900_000
/** After which it asks again where it got no answer that says anything. */
const RESTLESS_MS = 60_000
const CLOCK = { clock: true }

/** The room drops the account without a word: what it says is lost on the way. */
async function becomeGhost(setting: Setting): Promise<void> {
  const { wire, bob, room } = setting
  const off = wire.rule(({ dir, text }) => (dir === 'down' && /code=['"]307['"]/.test(text) ? 'drop' : 'pass'))
  await kick(bob, room, 'Juliet')
  await settle(setting)
  off()
}

/** Whom the account asked since a mark whether they are still there. */
const pinged = ({ wire }: Setting, mark: number): (string | undefined)[] =>
  sent(wire, mark)
    .filter(isSelfPing)
    .map((stanza) => stanza.attrs['to'])

const joins = ({ wire }: Setting, mark: number): number => sent(wire, mark).filter(isJoin).length

/** Waits until the account has asked so often since a mark. */
async function asked(setting: Setting, times: number, mark: number): Promise<void> {
  let count = 0
  await setting.wire.waitForFrame(
    (frame) => {
      const stanza = frame.dir === 'up' ? stanzaOf(frame) : undefined
      if (stanza && isSelfPing(stanza)) count += 1
      return count === times
    },
    10_000,
    mark,
  )
}

/** Lets the answers to self-pings come as a refusal, or not at all. @returns takes that off again */
function answerPingsWith({ wire }: Setting, condition: string | undefined): () => void {
  const open = new Set<string>()
  return wire.rule((frame) => {
    const stanza = stanzaOf(frame)
    const { id = '', to, from } = stanza?.attrs ?? {}
    if (frame.dir === 'up' && stanza && isSelfPing(stanza)) open.add(id)
    if (frame.dir === 'up' || !stanza?.is('iq') || !open.delete(id)) return 'pass'
    if (condition === undefined) return 'drop'
    const error = el('error', { type: 'cancel' }, el(condition, { xmlns: 'urn:ietf:params:xml:ns:xmpp-stanzas' }))
    return { replace: String(el('iq', { xmlns: 'jabber:client', type: 'error', id, to, from }, error)) }
  })
}

/** All that the tabs were told since their marks. */
async function toldSince(tabs: readonly Tab[], marks: readonly number[]): Promise<string[]> {
  return Promise.all(tabs.map(async (tab, at) => names(await tab.toldSince(marks[at] ?? 0))))
}

export const selfPing: readonly Case[] = [
  conform(
    'S01',
    'A room that dropped us without a word is asked after a long silence and entered again; tabs are told what changed, no more.',
    async (setting) => {
      const { room, wire, bob } = setting
      const carol = await guest(setting, 'Carol')
      const erin = await guest(setting, 'Erin')
      const tabs = await tabsIn(setting, 2)
      await settle(setting)
      await becomeGhost(setting)
      await carol.leave(room, 'Carol')
      await guest(setting, 'Dave')
      showIn(erin, `${room}/Erin`, el('show', {}, 'dnd'))
      await bob.say(room, 'meanwhile')
      await settle(setting)
      const [mark, seen] = [wire.frames.mark(), bob.mark()]
      const marks = await Promise.all(tabs.map((tab) => tab.mark()))

      await tabs[0]?.advance(QUIET_MS)
      for (const tab of tabs) await tab.sees({ room, name: 'resumed' })
      await settle(setting)

      expect(pinged(setting, mark)).toEqual([`${room}/Juliet`])
      expect(joins(setting, mark)).toBe(1)
      expect(presencesOf(bob, `${room}/Juliet`, seen)).toEqual(['available'])
      for (const [at, tab] of tabs.entries()) {
        const told = await tab.toldSince(marks[at] ?? 0, room)
        expect(names(told)).toBe('interrupted occupant-left occupant-joined occupant-changed message resumed')
        expect(told.slice(1, 4).map(({ event }) => `${event.occupant.nick} ${event.synthetic}`)).toEqual([
          'Carol true',
          'Dave true',
          'Erin true',
        ])
        expect(bodies(told)).toEqual(['meanwhile'])
        expect((await tab.state(room)).state).toBe('in')
      }
    },
    { ...CLOCK, ghost: true },
  ),

  conform(
    'S02',
    'Three tabs in two silent rooms cause one question to each room, and none while there is something to hear.',
    async (setting) => {
      const { room, wire, bob } = setting
      const other = await setting.makeRoom()
      const tabs = await tabsIn(setting, 3)
      for (const tab of tabs) await tab.join(other, { nick: 'Juliet' })
      await settle(setting)
      const mark = wire.frames.mark()
      const marks = await Promise.all(tabs.map((tab) => tab.mark()))

      await tabs[0]?.advance(QUIET_MS - RESTLESS_MS)
      await bob.say(room, 'not silent')
      await tabs[0]?.untilMessage('not silent')
      expect(pinged(setting, mark)).toEqual([])

      await tabs[0]?.advance(RESTLESS_MS)
      await asked(setting, 1, mark)
      await settle(setting)
      expect(pinged(setting, mark)).toEqual([`${other}/Juliet`])

      await tabs[0]?.advance(QUIET_MS - RESTLESS_MS)
      await asked(setting, 2, mark)
      await settle(setting)
      expect(pinged(setting, mark)).toEqual([`${other}/Juliet`, `${room}/Juliet`])
      expect(joins(setting, mark)).toBe(0)
      expect(await toldSince(tabs, marks)).toEqual(['message', 'message', 'message'])
    },
    CLOCK,
  ),

  conform(
    'S03',
    'An answer that only says that the room cannot be reached, or none, is no reason to join again: it is asked again later.',
    async (setting) => {
      const { room, wire } = setting
      const tabs = await pairIn(setting)
      const mark = wire.frames.mark()
      const marks = await Promise.all(tabs.map((tab) => tab.mark()))

      let off = answerPingsWith(setting, 'remote-server-timeout')
      await tabs[0].advance(QUIET_MS)
      await asked(setting, 1, mark)
      await settle(setting)
      off()
      off = answerPingsWith(setting, undefined)
      await tabs[0].advance(RESTLESS_MS)
      await asked(setting, 2, mark)
      await settle(setting)
      await tabs[0].advance(RESTLESS_MS)
      off()
      await tabs[0].advance(RESTLESS_MS)
      await asked(setting, 3, mark)
      await settle(setting)

      expect(new Set(pinged(setting, mark))).toEqual(new Set([`${room}/Juliet`]))
      expect(joins(setting, mark)).toBe(0)
      expect(await toldSince(tabs, marks)).toEqual(['', ''])
      for (const tab of tabs) expect((await tab.state(room)).state).toBe('in')
    },
    CLOCK,
  ),

  conform(
    'S04',
    'Answers that say no more than that the question is not understood, or the nick on its way, leave us in.',
    async (setting) => {
      const { room, wire } = setting
      const tabs = await pairIn(setting)
      const marks = await Promise.all(tabs.map((tab) => tab.mark()))
      const start = wire.frames.mark()

      for (const condition of ['item-not-found', 'service-unavailable', 'feature-not-implemented']) {
        const mark = wire.frames.mark()
        const off = answerPingsWith(setting, condition)
        await tabs[0].advance(QUIET_MS)
        await asked(setting, 1, mark)
        await settle(setting)
        off()
      }

      expect(pinged(setting, start)).toHaveLength(3)
      expect(joins(setting, start)).toBe(0)
      expect(await toldSince(tabs, marks)).toEqual(['', ''])
      for (const tab of tabs) expect((await tab.state(room)).state).toBe('in')
    },
    CLOCK,
  ),

  conform(
    'S05',
    'While a change of nick is under way nobody is asked: the answer would say nothing.',
    async (setting) => {
      const { room, wire } = setting
      const [first] = await pairIn(setting)
      await first.advance(QUIET_MS - 5_000)
      const off = wire.rule(({ dir, text }) =>
        dir === 'up' && text.startsWith('<presence') && text.includes(`${room}/Romeo`) ? 'drop' : 'pass',
      )
      const mark = wire.frames.mark()
      const renaming = refused(first.room(room, 'setNick', 'Romeo'))
      await wire.waitForFrame(({ dir, text }) => dir === 'up' && text.includes(`${room}/Romeo`), 10_000, mark)

      await first.advance(8_000)
      await settle(setting)
      expect(pinged(setting, mark)).toEqual([])

      await first.advance(10_000)
      off()
      expect((await renaming).code).toBe('timeout')
      await first.advance(RESTLESS_MS)
      await asked(setting, 1, mark)
      await settle(setting)
      expect(pinged(setting, mark)).toEqual([`${room}/Juliet`])
      expect((await first.state(room)).nick).toBe('Juliet')
    },
    CLOCK,
  ),

  conform(
    'S06',
    'A person who comes back to a tab after a minute of silence has the room asked at once, and a second tab not again.',
    async (setting) => {
      const { room, wire } = setting
      const tabs = await setting.tabs(2, { idleAfterMs: 40 })
      for (const tab of tabs) await tab.join(room, { nick: 'Juliet' })
      await settle(setting)
      const [first, second] = tabs
      if (!first || !second) throw new Error('there are to be two tabs')
      // Not that of the first tab before there was a second one.
      await first.until(
        'nobody at any tab',
        (_entry, all) => all.findLast(({ name }) => name === 'presence')?.event.show === 'xa',
      )
      await settle(setting)
      await first.advance(RESTLESS_MS)
      const mark = wire.frames.mark()

      await second.page.mouse.click(5, 5)
      await asked(setting, 1, mark)
      await settle(setting)
      await first.page.mouse.click(5, 5)
      await settle(setting)

      expect(pinged(setting, mark)).toEqual([`${room}/Juliet`])
      expect(joins(setting, mark)).toBe(0)
    },
    CLOCK,
  ),

  conform(
    'S07',
    'While the connection is away no room is asked; when it is back the rooms are entered anyway.',
    async (setting) => {
      const { room, wire } = setting
      const [first, second] = await pairIn(setting)
      await first.advance(QUIET_MS - 5_000)
      const mark = wire.frames.mark()
      wire.refuse(true)
      wire.cut({ how: 'reset' })
      await first.sees({ room, name: 'interrupted' })

      await first.advance(10_000)
      await second.inspect()
      wire.refuse(false)
      // Until the next try to connect.
      await first.advance(30_000)
      await second.sees({ room, name: 'resumed' })
      await settle(setting)

      expect(pinged(setting, mark)).toEqual([])
      expect(joins(setting, mark)).toBe(1)
      expect(only(await second.told(room), 'interrupted')).toHaveLength(1)
    },
    { ...CLOCK, resumes: false },
  ),

  conform(
    'S08',
    'The question is about this connection: another device of the account that is still in does not stand in for us.',
    async (setting) => {
      const { room, wire, bob } = setting
      const [first, second] = await pairIn(setting)
      const phone = await setting.device('phone')
      await becomeGhost(setting)
      await phone.join(room, 'Juliet')
      await settle(setting)
      const [mark, seen] = [wire.frames.mark(), bob.mark()]

      await first.advance(QUIET_MS)
      await second.sees({ room, name: 'resumed' })
      await settle(setting)

      expect(pinged(setting, mark)).toEqual([`${room}/Juliet`])
      expect(joins(setting, mark)).toBe(1)
      expect(presencesOf(bob, `${room}/Juliet`, seen)).not.toContain('unavailable')
      expect((await first.send(room, 'here again')).state).toBe('delivered')
    },
    { ...CLOCK, ghost: true },
  ),
]
