// Rows R15, R36 to R38; checks 23, 25, 62, 63, 66, 67.
import { expect } from 'expect'
import { el } from '../../support/raw-client.ts'
import { roomBarrier, showIn } from '../../support/raw-room.ts'
import { presencesOf } from '../../support/stage.ts'
import { type Case, conform } from '../case.ts'
import { bodies, guest, NICK, names, only, pairIn, settle, tabsIn } from '../steps.ts'
import { isJoin, isLeave, sent } from '../wire.ts'

/** More than is posted to a tab that does not listen, and kept for it. */
const MANY = 6_000
const MOST_QUEUED = 4_096

export const session: readonly Case[] = [
  conform(
    'E01',
    'A session goes on over another connection: nothing is sent to the room, and what came meanwhile is live.',
    async (setting) => {
      const { room, wire, bob } = setting
      const [first, second] = await pairIn(setting)
      const marks = await Promise.all([first.mark(), second.mark()])
      const [mark, seen] = [wire.frames.mark(), bob.mark()]
      wire.refuse(true)
      wire.cut({ how: 'reset' })
      await first.sees({ name: 'interrupted' })
      await bob.say(room, 'one')
      await bob.say(room, 'two')

      wire.refuse(false)
      for (const [at, tab] of [first, second].entries()) {
        await tab.untilMessage('two', 20_000)
        const told = await tab.toldSince(marks[at] ?? 0, room)
        expect(names(told)).toBe('interrupted resumed message message')
        expect(bodies(told)).toEqual(['one', 'two'])
        expect(only(told, 'message').map(({ event }) => event.history)).toEqual([false, false])
      }
      await settle(setting)
      expect(sent(wire, mark).filter((stanza) => stanza.is('presence'))).toEqual([])
      expect(presencesOf(bob, `${room}/Juliet`, seen)).toEqual([])
    },
  ),

  conform('E02', 'What was sent into a dead connection goes out once the session goes on, once.', async (setting) => {
    const { room, wire, bob } = setting
    const [first, second] = await pairIn(setting)
    wire.swallow('up')
    const mark = wire.frames.mark()
    const sending = first.send(room, 'into the dark', { timeoutMs: 30_000 })
    await wire.waitForFrame(({ dir, text }) => dir === 'up' && text.includes('into the dark'), 5_000, mark)
    wire.cut({ how: 'reset' })
    wire.release('up')

    expect(await sending).toMatchObject({ body: 'into the dark', state: 'delivered' })
    await settle(setting)
    expect(bob.received(0).filter((stanza) => stanza.getChildText('body') === 'into the dark')).toHaveLength(1)
    for (const tab of [first, second])
      expect(bodies(await tab.told(room)).filter((body) => body === 'into the dark')).toHaveLength(1)
  }),

  conform(
    'E03',
    'A connection on which nobody answers is found dead, and the session goes on over another one.',
    async (setting) => {
      const { room, wire } = setting
      const [first] = await pairIn(setting)
      wire.swallow('down')
      void first.send(room, 'anybody?', { wait: false })

      await first.sees({ name: 'interrupted' }, { ms: 15_000 })
      wire.release('down')
      await first.sees({ name: 'resumed' }, { ms: 20_000 })
      await first.untilMessage('anybody?')
      expect(sent(wire).filter(isJoin)).toHaveLength(1)
    },
    { deadlineMs: 60_000 },
  ),

  conform(
    'E04',
    'A worker that dies is followed by another, which goes on with its session: the room sees nothing, and nothing is told twice.',
    async (setting) => {
      const { room, wire, bob } = setting
      const tabs = await tabsIn(setting, 3)
      const [first] = tabs
      if (!first) throw new Error('no tab')
      await first.send(room, 'before')
      await settle(setting)
      const [mark, seen] = [wire.frames.mark(), bob.mark()]

      await first.killWorker()
      for (const tab of tabs) await tab.sees({ name: 'interrupted' })
      await bob.say(room, 'meanwhile')
      for (const tab of tabs) await tab.sees({ name: 'resumed' }, { ms: 30_000 })
      for (const tab of tabs) await tab.untilMessage('meanwhile')
      await bob.say(room, 'afterwards')
      for (const tab of tabs) await tab.untilMessage('afterwards')
      await settle(setting)

      for (const tab of tabs) {
        const told = await tab.told(room)
        expect(bodies(told)).toEqual(['before', 'meanwhile', 'afterwards'])
        expect(only(told, 'joined')).toHaveLength(1)
        expect(told.filter(({ name }) => ['left', 'occupant-left', 'nick-changed'].includes(name))).toEqual([])
      }
      expect(sent(wire, mark).filter((stanza) => isJoin(stanza) || isLeave(stanza))).toEqual([])
      expect(presencesOf(bob, `${room}/Juliet`, seen)).toEqual([])
    },
    { deadlineMs: 60_000, mortal: true },
  ),

  conform(
    'E05',
    'All tabs are closed and the worker ends; a tab that is opened later goes on with the session: the room sees nothing.',
    async (setting) => {
      const { room, wire, bob } = setting
      const carol = await guest(setting, 'Carol')
      const [first, second] = await pairIn(setting)
      await first.send(room, 'before')
      await settle(setting)
      await second.close()
      const [mark, seen] = [wire.frames.mark(), bob.mark()]
      await first.killWorker()
      await first.close()
      await bob.say(room, 'meanwhile')
      await carol.leave(room, 'Carol')

      const later = await setting.tab()
      const result = await later.join(room, NICK)
      await later.untilMessage('meanwhile')
      await settle(setting, later)

      expect(result).toMatchObject({ nick: 'Juliet', created: false, nickAssigned: false })
      expect(Object.keys(await later.occupants(room)).sort()).toEqual(['Bob', 'Juliet'])
      expect(bodies(await later.told(room))).toEqual(['before', 'meanwhile'])
      expect(sent(wire, mark).filter((stanza) => isJoin(stanza) || isLeave(stanza))).toEqual([])
      expect(presencesOf(bob, `${room}/Juliet`, seen)).toEqual([])
    },
    { deadlineMs: 60_000, mortal: true },
  ),

  conform(
    'E06',
    'The session is lost: the tabs are told who left, came and changed their nick meanwhile, and of nobody else.',
    async (setting) => {
      const { room, wire } = setting
      const [carol, erin] = [await guest(setting, 'Carol'), await guest(setting, 'Erin')]
      const [first, second] = await pairIn(setting)
      const before = await first.mark()
      wire.refuse(true)
      wire.cut({ how: 'reset' })
      await first.sees({ name: 'interrupted' })
      await carol.leave(room, 'Carol')
      await guest(setting, 'Dave')
      showIn(erin, `${room}/Irene`)
      await roomBarrier(erin, `${room}/Irene`)

      wire.refuse(false)
      await first.sees({ name: 'resumed' }, { since: before, ms: 20_000 })
      await settle(setting)

      for (const tab of [first, second]) {
        const told = (await tab.told(room)).filter(({ event }) => event.synthetic)
        const who = told.map(({ name, event }) => `${name} ${event.occupant.nick}`)
        expect(who.slice(0, 1)).toEqual(['occupant-left Carol'])
        expect(who).toContain('occupant-joined Dave')
        expect(who.some((each) => each.endsWith('Irene'))).toBe(true)
        expect(who.some((each) => each.endsWith('Bob'))).toBe(false)
        expect(Object.keys(await tab.occupants(room)).sort()).toEqual(['Bob', 'Dave', 'Irene', 'Juliet'])
      }
    },
    { resumes: false },
  ),

  conform(
    'E07',
    'A tab that stands still costs the worker nothing that grows, and is then told all that was said, once and in order.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await pairIn(setting)
      const said = Array.from({ length: MANY }, (_, n) => `m${n + 1}`)
      const thaw = await second.freeze()

      for (const body of said) bob.send(el('message', { to: room, type: 'groupchat', id: body }, el('body', {}, body)))
      await first.untilMessage(`m${MANY}`, 60_000)
      const { tabs } = await first.inspect()
      await thaw()
      await bob.say(room, 'new')

      for (const tab of [first, second]) {
        await tab.untilMessage('new', 60_000)
        expect(bodies(await tab.told(room))).toEqual([...said, 'new'])
      }
      for (const { queued } of tabs) expect(queued).toBeLessThanOrEqual(MOST_QUEUED)
      expect(tabs.filter(({ ackedSeq, nextSeq }) => ackedSeq < nextSeq - 1_000)).toHaveLength(1)
      expect(names(await second.told(room))).not.toContain('interrupted')
    },
    { deadlineMs: 120_000, needs: ['way to freeze one tab'] },
  ),

  conform(
    'E08',
    'The only tab is loaded again: whether the worker lives on or another goes on with its session, the room sees nothing.',
    async (setting) => {
      const { room, wire, bob } = setting
      const tab = await setting.tab()
      await tab.join(room, NICK)
      await tab.send(room, 'before')
      await settle(setting)
      const [mark, seen] = [wire.frames.mark(), bob.mark()]

      await tab.page.reload()
      await tab.page.waitForFunction(() => document.title === 'ready')
      await bob.say(room, 'meanwhile')
      await setting.connect(tab)
      const result = await tab.join(room, NICK)
      await tab.untilMessage('meanwhile')
      await settle(setting)

      expect(result).toMatchObject({ nick: 'Juliet', created: false, nickAssigned: false })
      expect(bodies(await tab.told(room))).toEqual(['before', 'meanwhile'])
      expect(Object.keys(await tab.occupants(room)).sort()).toEqual(['Bob', 'Juliet'])
      expect(sent(wire, mark).filter((stanza) => isJoin(stanza) || isLeave(stanza))).toEqual([])
      expect(presencesOf(bob, `${room}/Juliet`, seen)).toEqual([])
    },
    { deadlineMs: 60_000 },
  ),

  conform(
    'E09',
    'Where the account is to linger, the room sees nothing when the last tab is closed, and the next one goes on with the session.',
    async (setting) => {
      const { room, wire, bob } = setting
      const tab = await setting.tab()
      await tab.join(room, NICK)
      await tab.send(room, 'before')
      await settle(setting)
      const [mark, seen] = [wire.frames.mark(), bob.mark()]

      await tab.close()
      await bob.say(room, 'meanwhile')
      const later = await setting.tab()
      const result = await later.join(room, NICK)
      await later.untilMessage('meanwhile')
      await settle(setting, later)

      expect(result).toMatchObject({ nick: 'Juliet', created: false, nickAssigned: false })
      expect(bodies(await later.told(room))).toEqual(['before', 'meanwhile'])
      expect((await later.inspect()).tabs).toHaveLength(1)
      expect(sent(wire, mark).filter((stanza) => isJoin(stanza) || isLeave(stanza))).toEqual([])
      expect(presencesOf(bob, `${room}/Juliet`, seen)).toEqual([])
    },
    { deadlineMs: 60_000 },
  ),
]
