// Rows R10 to R15; checks 18, 19, 21, 22, 24.
import { expect } from 'expect'
import { presencesOf } from '../../support/stage.ts'
import { type Case, conform, type Setting } from '../case.ts'
import { listening, NICK, names, only, pair, pairIn, refused, settle, tabsIn, untilTabsAre } from '../steps.ts'
import { isJoin, isLeave, sent } from '../wire.ts'

/** The order of XEP-0045 section 7.1, as names of events. */
const SEQUENCE = /^(occupant-joined )*joined (message )*subject$/

/** What has gone to rooms since a mark: `join` or `leave` for each, and whatever else as it is. */
const toRooms = ({ wire, server }: Setting, mark: number): string[] =>
  sent(wire, mark)
    .filter(({ attrs }) => attrs['to']?.includes(`@${server.mucDomain}`))
    .filter((stanza) => stanza.is('presence') || stanza.is('message'))
    .map((stanza) => (isJoin(stanza) ? 'join' : isLeave(stanza) ? 'leave' : String(stanza)))

/** The leave is on its way, and nothing has come back. */
async function leaveSent({ wire, room }: Setting, mark: number): Promise<void> {
  const isSent = ({ dir, text }: { dir: string; text: string }) =>
    dir === 'up' && text.includes('unavailable') && text.includes(room)
  await wire.waitForFrame(isSent, 10_000, mark)
}

export const leaving: readonly Case[] = [
  conform(
    'L01',
    'A tab that leaves is told so, and neither the room, nor the server, nor the other tab hears of it.',
    async (setting) => {
      const { room, wire, bob } = setting
      const [first, second] = await pairIn(setting)
      const [mark, seen, before, other] = [wire.frames.mark(), bob.mark(), await first.mark(), await second.mark()]

      await first.leave(room)
      await settle(setting)
      await bob.say(room, 'after')
      await second.untilMessage('after')
      await settle(setting)

      const told = await first.toldSince(before, room)
      expect(names(told)).toBe('left')
      expect(told[0]?.event).toEqual({ everywhere: false })
      expect(await first.state(room)).toMatchObject({ state: 'out', occupants: {} })
      expect(sent(wire, mark).map(String)).toEqual([])
      expect(presencesOf(bob, `${room}/Juliet`, seen)).toEqual([])
      expect(names(await second.toldSince(other, room))).toBe('message')
    },
  ),

  conform(
    'L02',
    'The last tab that leaves takes the account out, with its words, and is out when the room has said so.',
    async (setting) => {
      const { room, wire, bob } = setting
      const [first, second] = await pairIn(setting)
      await first.leave(room)
      const [mark, seen, before] = [wire.frames.mark(), bob.mark(), await second.mark()]
      wire.stall('down')

      const leaving = second.leave(room, { status: 'good night' })
      await leaveSent(setting, mark)
      await bob.say(room, 'too late')
      await second.inspect()
      const meanwhile = await second.toldSince(before)
      wire.release('down')
      await leaving
      await settle(setting)

      expect(meanwhile).toEqual([])
      expect(toRooms(setting, mark)).toEqual(['leave'])
      const gone = bob.received(seen).filter((s) => s.is('presence') && s.attrs['from'] === `${room}/Juliet`)
      expect(gone.map((s) => [s.attrs['type'], s.getChildText('status')])).toEqual([['unavailable', 'good night']])
      expect(names(await second.toldSince(before, room))).toBe('left')
      expect(only(await second.toldSince(before), 'membership').map(({ event }) => event)).toEqual([
        { room, change: 'left', by: 'this-tab' },
      ])
      expect((await second.inspect()).rooms).toEqual([])
      expect(await second.memberships()).toEqual({})
    },
  ),

  conform(
    'L03',
    'A tab that leaves everywhere takes all tabs out, with one leave, and the bookmark does not bring them back.',
    async (setting) => {
      const { room, bob, wire } = setting
      const tabs = await tabsIn(setting, 3)
      const [first] = tabs
      await first?.bookmarks('set', { room, autojoin: true, nick: 'Juliet' })
      const told = await listening(setting, tabs)
      await settle(setting)
      const [mark, seen] = [wire.frames.mark(), bob.mark()]

      await first?.leave(room, { everywhere: true })
      const found = await told()

      expect(names(found)).toBe('left')
      expect(found[0]?.event).toEqual({ everywhere: true })
      expect(toRooms(setting, mark)).toEqual(['leave'])
      expect(presencesOf(bob, `${room}/Juliet`, seen)).toEqual(['unavailable'])
      for (const tab of tabs) expect((await tab.state(room)).state).toBe('out')
      expect(await first?.bookmarks('list')).toMatchObject([{ room, autojoin: false }])
    },
  ),

  conform(
    'L04',
    'A tab that crashes lets go of the room, and nobody but the worker notices.',
    async (setting) => {
      const { room, bob, wire } = setting
      // The worker lives in the process of the tab that made it: the one that crashes must be another.
      const [first, second] = await pairIn(setting)
      const [mark, seen, before] = [wire.frames.mark(), bob.mark(), await first.mark()]

      await second.crash()
      await untilTabsAre(1, first, 5_000)
      await settle(setting, first)

      expect((await first.inspect()).rooms).toMatchObject([{ jid: room, tabs: 1 }])
      expect(sent(wire, mark).map(String)).toEqual([])
      expect(presencesOf(bob, `${room}/Juliet`, seen)).toEqual([])
      expect(await first.toldSince(before)).toEqual([])
      await bob.say(room, 'still here')
      await first.untilMessage('still here')
    },
    { needs: ['way to crash one tab'] },
  ),

  conform('L05', 'A tab that is closed lets go of the room, and nobody but the worker notices.', async (setting) => {
    const { room, bob, wire } = setting
    const [first, second] = await pairIn(setting)
    const [mark, seen, before] = [wire.frames.mark(), bob.mark(), await second.mark()]

    await first.close()
    await untilTabsAre(1, second, 5_000)
    await settle(setting, second)

    expect((await second.inspect()).rooms).toMatchObject([{ jid: room, tabs: 1 }])
    expect(sent(wire, mark).map(String)).toEqual([])
    expect(presencesOf(bob, `${room}/Juliet`, seen)).toEqual([])
    expect(await second.toldSince(before)).toEqual([])
  }),

  conform(
    'L06',
    'The room whose only tab died is left, once, when it has had the time to come back and did not.',
    async (setting) => {
      const { room, bob, wire } = setting
      const [other, second] = await pair(setting)
      await second.join(room, NICK)
      await settle(setting)
      const [mark, seen] = [wire.frames.mark(), bob.mark()]

      await second.crash()
      await untilTabsAre(1, other)
      await settle(setting, other)
      expect(sent(wire, mark).map(String)).toEqual([])
      await other.advance(13_000)
      await leaveSent(setting, mark)
      await settle(setting, other)

      expect(toRooms(setting, mark)).toEqual(['leave'])
      expect(presencesOf(bob, `${room}/Juliet`, seen)).toEqual(['unavailable'])
      expect((await other.inspect()).rooms).toEqual([])
    },
    { clock: true, needs: ['way to crash one tab'] },
  ),

  conform(
    'L07',
    'A tab that is loaded again is in the room again, and the room sees nothing of it.',
    async (setting) => {
      const { room, bob, wire, opened } = setting
      const [, second] = await pair(setting)
      await second.join(room, NICK)
      await settle(setting)
      const [mark, seen] = [wire.frames.mark(), bob.mark()]

      await second.page.reload()
      await second.page.waitForFunction(() => document.title === 'ready')
      await setting.connect(second)
      await second.join(room, NICK)
      await settle(setting)

      expect(toRooms(setting, mark)).toEqual([])
      expect(presencesOf(bob, `${room}/Juliet`, seen)).toEqual([])
      expect(names(await second.told(room))).toBe('occupant-joined joined subject')
      await untilTabsAre(opened.length, second)
    },
  ),

  conform(
    'L08',
    'A tab that joins again before the room has answered its leave is out, and then in with the whole sequence.',
    async (setting) => {
      const { room, bob, wire } = setting
      const tab = await setting.tab()
      await tab.join(room, NICK)
      await settle(setting)
      const [mark, seen, before] = [wire.frames.mark(), bob.mark(), await tab.mark()]
      wire.stall('down')

      const leaving = tab.leave(room)
      await leaveSent(setting, mark)
      const joining = tab.join(room, NICK)
      await tab.inspect()
      wire.release('down')
      await leaving
      const result = await joining
      await settle(setting)

      expect(result).toMatchObject({ nick: 'Juliet', nickAssigned: false })
      expect(toRooms(setting, mark)).toEqual(['leave', 'join'])
      expect(presencesOf(bob, `${room}/Juliet`, seen)).toEqual(['unavailable', 'available'])
      const [left, ...joined] = await tab.toldSince(before, room)
      expect(left?.name).toBe('left')
      expect(names(joined)).toMatch(SEQUENCE)
      expect((await tab.state(room)).state).toBe('in')
    },
  ),

  conform(
    'L09',
    'A tab that joins while the last one leaves gets in, with the whole sequence, and the one that left stays out.',
    async (setting) => {
      const { room, bob, wire } = setting
      const [first, second] = await pair(setting)
      await first.join(room, NICK)
      await settle(setting)
      const [mark, seen] = [wire.frames.mark(), bob.mark()]
      wire.stall('down')

      const leaving = first.leave(room)
      await leaveSent(setting, mark)
      const joining = second.join(room, NICK)
      await second.inspect()
      wire.release('down')
      await Promise.all([leaving, joining])
      await settle(setting)

      expect(toRooms(setting, mark)).toEqual(['leave', 'join'])
      expect(presencesOf(bob, `${room}/Juliet`, seen)).toEqual(['unavailable', 'available'])
      expect(names(await second.told(room))).toMatch(SEQUENCE)
      expect((await first.state(room)).state).toBe('out')
      expect((await second.state(room)).state).toBe('in')
    },
  ),

  conform(
    'L10',
    'A tab that leaves before it is in gives its join up, and the room is left behind empty.',
    async (setting) => {
      const { room, bob, wire } = setting
      const tab = await setting.tab()
      await settle(setting)
      const mark = wire.frames.mark()
      wire.stall('down')

      const joining = refused(tab.join(room, NICK))
      await wire.waitForFrame(({ dir, text }) => dir === 'up' && text.includes(`${room}/Juliet`), 10_000, mark)
      const leaving = tab.leave(room)
      expect((await joining).code).toBe('aborted')
      wire.release('down')
      await leaving
      await settle(setting)

      expect(toRooms(setting, mark)).toEqual(['join', 'leave'])
      expect(presencesOf(bob, `${room}/Juliet`, 0)).toEqual(['available', 'unavailable'])
      expect(names(await tab.told(room))).toMatch(/^(left)?$/)
      expect((await tab.state(room)).state).toBe('out')
      expect((await tab.inspect()).rooms).toEqual([])
    },
  ),

  conform(
    'L11',
    'A tab that leaves everywhere gives up the join of another one that is under way.',
    async (setting) => {
      const { room, bob, wire } = setting
      const [first, second] = await pair(setting)
      await settle(setting)
      const mark = wire.frames.mark()
      wire.stall('down')

      const joining = refused(second.join(room, NICK))
      await wire.waitForFrame(({ dir, text }) => dir === 'up' && text.includes(`${room}/Juliet`), 10_000, mark)
      const leaving = first.leave(room, { everywhere: true })
      expect((await joining).code).toBe('aborted')
      wire.release('down')
      await leaving
      await settle(setting)

      expect(toRooms(setting, mark)).toEqual(['join', 'leave'])
      expect(presencesOf(bob, `${room}/Juliet`, 0)).toEqual(['available', 'unavailable'])
      expect((await second.state(room)).state).toBe('out')
    },
  ),

  conform('L12', 'A room where the account is not can be left, without a word to anybody.', async (setting) => {
    const { room, wire } = setting
    const [tab, other] = await pair(setting)
    await settle(setting)
    const mark = wire.frames.mark()

    await tab.leave(room)
    await other.leave(room, { everywhere: true })
    await settle(setting)

    expect(sent(wire, mark).map(String)).toEqual([])
    for (const each of [tab, other]) expect((await each.state(room)).state).toBe('out')
  }),

  conform(
    'L13',
    'A room that does not answer a leave is left after five seconds all the same.',
    async (setting) => {
      const { room, wire } = setting
      const tab = await setting.tab()
      await tab.join(room, NICK)
      await settle(setting)
      const mark = wire.frames.mark()
      wire.rule(({ dir, text }) => (dir === 'up' && text.includes('unavailable') ? 'drop' : 'pass'))

      const leaving = tab.leave(room)
      await leaveSent(setting, mark)
      await tab.advance(5_500)
      await leaving

      expect((await tab.state(room)).state).toBe('out')
      expect((await tab.inspect()).rooms).toEqual([])
    },
    // The server has it in the room still.
    { clock: true, ghost: true },
  ),

  conform(
    'L14',
    'A tab can leave while the room is interrupted, and the account does not come back.',
    async (setting) => {
      const { room, bob, wire } = setting
      const tab = await setting.tab()
      await tab.join(room, NICK)
      await settle(setting)
      const [mark, before] = [wire.frames.mark(), await tab.mark()]
      wire.refuse(true)
      wire.cut({ how: 'reset' })
      await tab.sees({ room, name: 'interrupted' })

      await tab.leave(room)
      wire.refuse(false)
      await tab.sees({ name: 'status', event: { status: 'online' } }, { since: before, ms: 20_000 })
      await settle(setting)

      expect(toRooms(setting, mark)).toEqual([])
      expect(names(await tab.toldSince(before, room))).toBe('interrupted left')
      await bob.waitFor((s) => s.attrs['from'] === `${room}/Juliet` && s.attrs['type'] === 'unavailable', {
        what: 'the end of the session that was cut',
        deadlineMs: 60_000,
      })
    },
    { resumes: false, deadlineMs: 90_000 },
  ),

  conform(
    'L15',
    'Where the account is to leave with its last tab, the room sees it leave once, when that tab has not come back.',
    async (setting) => {
      const { room, bob } = setting
      const clock = await setting.openTab()
      const tab = await setting.tab({ onLastTab: 'leave' })
      await tab.join(room, NICK)
      await settle(setting, tab)
      const seen = bob.mark()

      await tab.close()
      let gone = false
      const leaving = bob.waitFor((s) => s.attrs['from'] === `${room}/Juliet` && s.attrs['type'] === 'unavailable', {
        what: 'the leave',
        since: seen,
      })
      const end = leaving.finally(() => {
        gone = true
      })
      // Nobody is there to say when the worker has noticed.
      while (!gone) await clock.advance(2_000)
      await end
      await bob.barrier()

      expect(presencesOf(bob, `${room}/Juliet`, seen)).toEqual(['unavailable'])
    },
    { clock: true, needs: ['worker that outlives its tabs'] },
  ),

  conform(
    'L20',
    'Where the account is to leave with its last tab, the room sees it leave within two seconds, once.',
    async (setting) => {
      const { room, bob } = setting
      const tabs = await setting.tabs(2, { onLastTab: 'leave' })
      for (const tab of tabs) await tab.join(room, NICK)
      await settle(setting)
      const seen = bob.mark()

      for (const tab of tabs) await tab.close()
      await bob.waitFor((s) => s.attrs['from'] === `${room}/Juliet` && s.attrs['type'] === 'unavailable', {
        what: 'the leave',
        since: seen,
        deadlineMs: 2_000,
      })
      await bob.barrier()

      expect(presencesOf(bob, `${room}/Juliet`, seen)).toEqual(['unavailable'])
    },
    { needs: ['worker that has a last word'] },
  ),

  conform(
    'L16',
    'Where the account is to linger, the room sees nothing when its last tab is closed, and a new tab is in at once.',
    async (setting) => {
      const { room, bob, wire } = setting
      const another = await setting.openTab()
      const tab = await setting.tab()
      await tab.join(room, NICK)
      await settle(setting, tab)
      const [mark, seen] = [wire.frames.mark(), bob.mark()]

      await tab.close()
      await another.advance(60_000)
      await setting.connect(another)
      await untilTabsAre(1, another)
      const result = await another.join(room, NICK)
      await settle(setting, another)

      expect(result).toMatchObject({ nick: 'Juliet', created: false })
      expect(toRooms(setting, mark)).toEqual([])
      expect(presencesOf(bob, `${room}/Juliet`, seen)).toEqual([])
    },
    { clock: true, needs: ['worker that outlives its tabs'] },
  ),

  conform('L17', 'Who signs out leaves every room, once each, in every tab.', async (setting) => {
    const { room, bob, wire } = setting
    const another = await setting.makeRoom()
    const [first, second] = await pairIn(setting)
    await second.join(another, NICK)
    await settle(setting)
    const [mark, seen] = [wire.frames.mark(), bob.mark()]

    await first.account('logout')
    await second.sees({ room: another, name: 'left' })
    for (const each of [room, another]) {
      await bob.waitFor((s) => s.attrs['from'] === `${each}/Juliet` && s.attrs['type'] === 'unavailable', {
        what: `the end of ${each}/Juliet`,
        since: seen,
      })
    }
    await bob.barrier()

    expect(toRooms(setting, mark)).toEqual(['leave', 'leave'])
    for (const each of [room, another]) expect(presencesOf(bob, `${each}/Juliet`, seen)).toEqual(['unavailable'])
    for (const tab of [first, second]) expect((await tab.state(room)).state).toBe('out')
    expect(names(only(await second.told(room), 'left'))).toBe('left')
  }),
]
