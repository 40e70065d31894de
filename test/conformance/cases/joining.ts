// Rows R1, R2, R2b, R3, R5; checks 1, 2, 4, 5, 7, 8.
import { expect } from 'expect'
import { statusCodes } from '../../support/raw-client.ts'
import { hasStatus, presencesOf } from '../../support/stage.ts'
import { type Case, conform } from '../case.ts'
import { bodies, NICK, names, only, pair, pairIn, settle, tabsIn } from '../steps.ts'
import { isJoin, sent } from '../wire.ts'

/** The order of XEP-0045 section 7.1, as names of events. */
const SEQUENCE = /^(occupant-joined )*joined (message )*subject( |$)/

export const joining: readonly Case[] = [
  conform(
    'J01',
    'The first tab that joins causes one join on the wire and one arrival in the room.',
    async (setting) => {
      const { room, wire, bob } = setting
      const tab = await setting.tab()
      await settle(setting)
      const mark = wire.frames.mark()
      const seen = bob.mark()

      const result = await tab.join(room, NICK)
      await settle(setting)

      expect(result).toMatchObject({ nick: 'Juliet', created: false, nickAssigned: false })
      expect(sent(wire, mark).filter((stanza) => stanza.is('presence'))).toHaveLength(1)
      expect(sent(wire, mark).filter(isJoin)).toHaveLength(1)
      expect(presencesOf(bob, `${room}/Juliet`, seen)).toEqual(['available'])
      expect(names(await tab.told(room))).toBe('occupant-joined joined subject')
    },
  ),

  conform(
    'J02',
    'A second tab is shown the room in the order of the XEP, and nothing goes to the server for it.',
    async (setting) => {
      const { room, wire, bob } = setting
      await bob.say(room, 'before')
      const [first, second] = await pair(setting)
      await first.join(room, NICK)
      await first.send(room, 'from the first')
      await settle(setting)
      const mark = wire.frames.mark()
      const seen = bob.mark()
      const before = await first.mark()

      await second.join(room, NICK)
      await settle(setting)
      const afterJoin = sent(wire, mark).map(String)
      await bob.say(room, 'live')
      await second.untilMessage('live')

      const told = await second.told(room)
      expect(names(told)).toMatch(SEQUENCE)
      expect(bodies(told)).toEqual(['before', 'from the first', 'live'])
      expect(only(told, 'message').map(({ event }) => event.history)).toEqual([true, true, false])
      expect(afterJoin).toEqual([])
      expect(presencesOf(bob, `${room}/Juliet`, seen)).toEqual([])
      expect(names(await first.toldSince(before, room))).toBe('message')
    },
  ),

  conform(
    'J03',
    'The own presence ends the list of occupants, once, with 110 always, 100 only where everybody sees JIDs, and never 201.',
    async (setting) => {
      const open = await setting.makeRoom({ 'muc#roomconfig_whois': 'anyone' })
      for (const room of [setting.room, open]) {
        for (const tab of await tabsIn(setting, 2, room)) {
          const joined = only(await tab.told(room), 'joined')
          expect(joined).toHaveLength(1)
          const { codes } = joined[0]?.event ?? {}
          expect(codes.filter((code: number) => code === 110)).toEqual([110])
          expect(codes).not.toContain(201)
          expect(codes.filter((code: number) => code === 100)).toEqual(room === open ? [100] : [])
        }
      }
    },
  ),

  conform(
    'J04',
    'Ten tabs that join in the same moment cause one join, and each gets the whole sequence.',
    async (setting) => {
      const { room, wire, bob } = setting
      await bob.say(room, 'hello all')
      const ten = await setting.tabs(10)
      const seen = bob.mark()

      await Promise.all(ten.map((tab) => tab.join(room, NICK)))
      await settle(setting)

      expect(sent(wire).filter(isJoin)).toHaveLength(1)
      expect(wire.figures().connections).toBe(1)
      expect(presencesOf(bob, `${room}/Juliet`, seen)).toEqual(['available'])
      for (const tab of ten) {
        const told = await tab.told(room)
        expect(names(told)).toBe('occupant-joined joined message subject')
        expect(bodies(told)).toEqual(['hello all'])
      }
    },
    { deadlineMs: 60_000 },
  ),

  conform(
    'J05',
    'A tab that joins under another nick is given the one in use, with 210, and nobody else hears of it.',
    async (setting) => {
      const { room, wire, bob } = setting
      const [first, second] = await pair(setting)
      await first.join(room, NICK)
      await settle(setting)
      const [mark, seen, before] = [wire.frames.mark(), bob.mark(), await first.mark()]

      const result = await second.join(room, { nick: 'Romeo' })
      await settle(setting)

      expect(result).toMatchObject({ nick: 'Juliet', nickAssigned: true, created: false })
      expect([...result.codes].sort()).toEqual([110, 210])
      expect((await second.state(room)).self).toMatchObject({ nick: 'Juliet', own: true })
      expect(sent(wire, mark).map(String)).toEqual([])
      expect(bob.received(seen).filter((stanza) => stanza.is('presence'))).toEqual([])
      expect(await first.toldSince(before, room)).toEqual([])
    },
  ),

  conform(
    'J06',
    'Of two tabs that join in the same moment under two nicks, one decides, and the other is told 210.',
    async (setting) => {
      const { room, wire, bob } = setting
      const [first, second] = await pair(setting)
      const seen = bob.mark()

      const results = await Promise.all([first.join(room, NICK), second.join(room, { nick: 'Romeo' })])
      await settle(setting)

      const [nick] = new Set(results.map((result) => result.nick))
      expect(sent(wire).filter(isJoin)).toHaveLength(1)
      expect(results.map((result) => result.nick)).toEqual([nick, nick])
      expect(results.map((result) => result.nickAssigned)).toEqual(nick === 'Juliet' ? [false, true] : [true, false])
      expect(results.map(({ codes }) => codes.includes(210))).toEqual(results.map((result) => result.nickAssigned))
      expect(presencesOf(bob, `${room}/${nick}`, seen)).toEqual(['available'])
    },
  ),

  conform(
    'J07',
    'A tab that takes over renames the account once, for the other tabs and for the room.',
    async (setting) => {
      const { room, wire, bob } = setting
      const [first, second] = await pair(setting)
      await first.join(room, NICK)
      await settle(setting)
      const [mark, seen, before] = [wire.frames.mark(), bob.mark(), await first.mark()]

      const result = await second.join(room, { nick: 'Romeo', takeover: true })
      await settle(setting)

      expect(result).toMatchObject({ nick: 'Romeo', nickAssigned: false })
      expect(sent(wire, mark).map((stanza) => stanza.attrs['to'])).toEqual([`${room}/Romeo`])
      const told = await first.toldSince(before, room)
      expect(names(told)).toBe('nick-changed')
      expect(told[0]?.event).toMatchObject({ own: true, before: { nick: 'Juliet' }, occupant: { nick: 'Romeo' } })
      expect(names(await second.told(room))).toMatch(SEQUENCE)
      for (const tab of [first, second]) expect((await tab.state(room)).nick).toBe('Romeo')
      expect(presencesOf(bob, `${room}/Juliet`, seen)).toEqual(['unavailable'])
      expect(presencesOf(bob, `${room}/Romeo`, seen)).toEqual(['available'])
      const renamed = bob.received(seen).find((stanza) => stanza.attrs['type'] === 'unavailable')
      expect(renamed && hasStatus(renamed, 303)).toBe(true)
    },
  ),

  conform(
    'J08',
    'A tab takes over a nick while another device keeps the old one: the tabs are told of one rename and see the device.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await pair(setting)
      await first.join(room, NICK)
      const phone = await setting.device('phone')
      await phone.join(room, 'Juliet')
      await settle(setting)
      const [seen, before] = [bob.mark(), await first.mark()]

      await second.join(room, { nick: 'Romeo', takeover: true })
      await settle(setting)

      const told = await first.toldSince(before, room)
      expect(only(told, 'nick-changed')).toHaveLength(1)
      expect(only(told, 'nick-changed')[0]?.event).toMatchObject({ own: true, occupant: { nick: 'Romeo' } })
      expect(told.filter(({ name }) => ['occupant-left', 'left', 'joined'].includes(name))).toEqual([])
      for (const tab of [first, second]) {
        const { nick, occupants } = await tab.state(room)
        expect(nick).toBe('Romeo')
        expect(occupants['Romeo']).toMatchObject({ own: true, ownAccount: true })
        expect(occupants['Juliet']).toMatchObject({ own: false, ownAccount: true })
      }
      expect(presencesOf(bob, `${room}/Romeo`, seen)).toEqual(['available'])
    },
  ),

  conform(
    'J09',
    'A tab that joins while the room is interrupted waits for the one rejoin, and then gets the whole sequence.',
    async (setting) => {
      const { room, wire, bob } = setting
      const [first, second] = await pair(setting)
      await first.join(room, NICK)
      const mark = wire.frames.mark()
      wire.refuse(true)
      wire.cut({ how: 'reset' })
      await first.sees({ name: 'interrupted' })

      const joining = second.join(room, NICK)
      await first.inspect()
      await bob.say(room, 'meanwhile')
      wire.refuse(false)
      await joining
      await first.sees({ name: 'resumed' })
      await settle(setting)

      expect(sent(wire, mark).filter(isJoin)).toHaveLength(1)
      expect(names(await second.told(room))).toMatch(/^(occupant-joined )+joined message subject$/)
      expect(bodies(await first.told(room))).toEqual(['meanwhile'])
    },
    { resumes: false },
  ),

  conform(
    'J10',
    'A join that a tab repeats is answered as it stands: nothing is sent, and nothing is told again.',
    async (setting) => {
      const { room, wire } = setting
      const [first] = await pairIn(setting)
      const [mark, before] = [wire.frames.mark(), await first.mark()]

      const again = await first.join(room, NICK)
      await settle(setting)

      expect(again).toMatchObject({ nick: 'Juliet', created: false, nickAssigned: false })
      expect(sent(wire, mark).map(String)).toEqual([])
      expect(await first.toldSince(before, room)).toEqual([])
    },
  ),

  conform(
    'J11',
    'A join that the caller gives up rejects with aborted, and the room is left behind empty.',
    async (setting) => {
      const { room, wire, bob } = setting
      const tab = await setting.tab()
      await settle(setting)
      wire.stall('down')
      const mark = wire.frames.mark()
      const joining = tab.join(room, NICK).catch((error: unknown) => error)
      await wire.waitForFrame(({ dir, text }) => dir === 'up' && text.includes(`${room}/Juliet`), 5_000, mark)

      await tab.abortJoin(room)
      expect(await joining).toMatchObject({ code: 'aborted' })
      wire.release('down')
      await settle(setting)
      await bob.waitFor((s) => s.attrs['from'] === `${room}/Juliet` && s.attrs['type'] === 'unavailable', {
        what: 'the end of the join that was given up',
      })
      await settle(setting)

      expect((await tab.inspect()).rooms).toEqual([])
      expect((await tab.state(room)).state).toBe('out')
      expect(names(await tab.told(room))).toMatch(/^(left)?$/)
      expect(sent(wire, mark).filter(isJoin)).toHaveLength(1)
    },
  ),

  conform(
    'J12',
    'What the room says at the join of the account it says to the tab whose join it was: the codes are its own.',
    async (setting) => {
      const { room } = setting
      const tab = await setting.tab()
      const phone = await setting.device('phone')

      const { codes } = await tab.join(room, NICK)
      await tab.leave(room)
      await settle(setting)
      const raw = await phone.join(room, 'Juliet')

      const own = raw.find((stanza) => stanza.is('presence') && statusCodes(stanza).includes('110'))
      expect([...codes].sort()).toEqual(own && statusCodes(own).map(Number).sort())
    },
  ),
]
