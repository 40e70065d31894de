// Rows R5, R25 to R27; checks 40, 41.
import { expect } from 'expect'
import type { Tab } from '../../support/browser/tab.ts'
import { registerNick, setAffiliation, setRole } from '../../support/raw-room.ts'
import { hasStatus, presencesOf } from '../../support/stage.ts'
import { type Case, conform, type Setting } from '../case.ts'
import { bareJid, guest, listening, NICK, names, only, pair, pairIn, refused, settle } from '../steps.ts'
import { isJoin, sent, stanzaOf } from '../wire.ts'

const addressees = ({ wire }: Setting, mark: number): (string | undefined)[] =>
  sent(wire, mark)
    .filter((stanza) => stanza.is('presence'))
    .map(({ attrs }) => attrs['to'])

/** The change is on its way to the room. */
async function asked({ wire, room }: Setting, nick: string, mark: number): Promise<void> {
  await wire.waitForFrame(({ dir, text }) => dir === 'up' && text.includes(`"${room}/${nick}"`), 10_000, mark)
}

/** The tab has a nick kept for the account. */
async function register(tab: Tab, room: string, nick: string): Promise<void> {
  const { form } = await tab.room(room, 'registration')
  await tab.room(room, 'register', form, { 'muc#register_roomnick': nick })
}

export const nick: readonly Case[] = [
  conform(
    'N01',
    'A new nick is one presence to the room, and one rename for every tab and for everybody else.',
    async (setting) => {
      const { room, wire, bob } = setting
      const tabs = await pairIn(setting)
      const told = await listening(setting, tabs)
      const [mark, seen] = [wire.frames.mark(), bob.mark()]

      await tabs[0].room(room, 'setNick', 'Romeo')
      const found = await told()

      expect(addressees(setting, mark)).toEqual([`${room}/Romeo`])
      expect(names(found)).toBe('nick-changed')
      expect(found[0]?.event).toMatchObject({
        own: true,
        synthetic: false,
        before: { nick: 'Juliet' },
        occupant: { nick: 'Romeo', own: true },
      })
      expect(presencesOf(bob, `${room}/Juliet`, seen)).toEqual(['unavailable'])
      expect(presencesOf(bob, `${room}/Romeo`, seen)).toEqual(['available'])
      const renamed = bob.received(seen).find(({ attrs }) => attrs['from'] === `${room}/Juliet`)
      expect(renamed && hasStatus(renamed, 303)).toBe(true)
      for (const tab of tabs) {
        expect((await tab.state(room)).nick).toBe('Romeo')
        expect(await tab.memberships()).toMatchObject({ [room]: { nick: 'Romeo' } })
      }
    },
  ),

  conform(
    'N02',
    'New nicks that two tabs want in the same moment come one after the other, and the last one wins everywhere.',
    async (setting) => {
      const { room, wire, bob } = setting
      const [first, second] = await pairIn(setting)
      const told = await listening(setting, [first, second])
      const [mark, seen] = [wire.frames.mark(), bob.mark()]
      wire.stall('down')

      const one = first.room(room, 'setNick', 'Romeo')
      await asked(setting, 'Romeo', mark)
      const other = second.room(room, 'setNick', 'Tybalt')
      await second.inspect()
      const early = addressees(setting, mark)
      wire.release('down')
      await Promise.all([one, other])
      const found = await told()

      expect(early).toEqual([`${room}/Romeo`])
      expect(addressees(setting, mark)).toEqual([`${room}/Romeo`, `${room}/Tybalt`])
      expect(found.map(({ name, event }) => [name, event.occupant.nick])).toEqual([
        ['nick-changed', 'Romeo'],
        ['nick-changed', 'Tybalt'],
      ])
      expect(presencesOf(bob, `${room}/Tybalt`, seen)).toEqual(['available'])
      for (const tab of [first, second]) expect((await tab.state(room)).nick).toBe('Tybalt')
    },
  ),

  conform(
    'N03',
    'A nick that somebody else has is refused to the tab that wanted it; nobody else hears of it, and nothing changes.',
    async (setting) => {
      const { room, bob } = setting
      const tabs = await pairIn(setting)
      await guest(setting, 'Carol')
      await settle(setting)
      const told = await listening(setting, tabs)
      const seen = bob.mark()

      const failure = await refused(tabs[0].room(room, 'setNick', 'Carol'))

      expect(failure).toMatchObject({ code: 'room-nick-conflict', facts: { nick: 'Carol', condition: 'conflict' } })
      expect(await told()).toEqual([])
      expect(bob.received(seen).filter((stanza) => stanza.is('presence'))).toEqual([])
      for (const tab of tabs) expect((await tab.state(room)).nick).toBe('Juliet')
      await tabs[1].room(room, 'setNick', 'Romeo')
      expect((await tabs[0].state(room)).nick).toBe('Romeo')
    },
  ),

  conform('N04', 'A change that is refused does not keep the next one from being made.', async (setting) => {
    const { room, wire } = setting
    const [first, second] = await pairIn(setting)
    await guest(setting, 'Carol')
    await settle(setting)
    const mark = wire.frames.mark()
    wire.stall('down')

    const taken = refused(first.room(room, 'setNick', 'Carol'))
    await asked(setting, 'Carol', mark)
    const free = second.room(room, 'setNick', 'Romeo')
    await second.inspect()
    wire.release('down')

    expect((await taken).code).toBe('room-nick-conflict')
    await free
    await settle(setting)
    for (const tab of [first, second]) expect((await tab.state(room)).nick).toBe('Romeo')
  }),

  conform(
    'N05',
    'The nick that is in use is no change, and one that no server takes is refused in the tab: nothing is sent.',
    async (setting) => {
      const { room, wire } = setting
      const tabs = await pairIn(setting)
      const told = await listening(setting, tabs)
      const mark = wire.frames.mark()

      await tabs[1].room(room, 'setNick', 'Juliet')
      for (const nick of ['', ' ', '\u0000'])
        expect((await refused(tabs[0].room(room, 'setNick', nick))).code).toBe('jid-malformed')
      const outsider = await setting.tab()
      expect((await refused(outsider.room(room, 'setNick', 'Romeo'))).code).toBe('not-joined')

      expect(await told()).toEqual([])
      expect(sent(wire, mark).map(String)).toEqual([])
    },
  ),

  conform(
    'N06',
    'A room that does not answer a new nick fails the call after 15 seconds, and the next one is made.',
    async (setting) => {
      const { room, wire } = setting
      const [first, second] = await pairIn(setting)
      const mark = wire.frames.mark()
      wire.rule(({ dir, text }) => (dir === 'up' && text.includes(`${room}/Romeo`) ? 'drop' : 'pass'))

      const failing = refused(first.room(room, 'setNick', 'Romeo'))
      await asked(setting, 'Romeo', mark)
      const waiting = second.room(room, 'setNick', 'Tybalt')
      await second.inspect()
      await first.advance(15_500)

      expect(await failing).toMatchObject({ code: 'timeout', facts: { retry: true } })
      await waiting
      for (const tab of [first, second]) expect((await tab.state(room)).nick).toBe('Tybalt')
    },
    { clock: true },
  ),

  conform(
    'N07',
    'A new nick while another device of ours keeps the old one is one rename for the tabs, and they see the device.',
    async (setting) => {
      const { room, bob } = setting
      const tabs = await pairIn(setting)
      const phone = await setting.device('phone')
      await phone.join(room, 'Juliet')
      await settle(setting)
      const told = await listening(setting, tabs)
      const seen = bob.mark()

      await tabs[0].room(room, 'setNick', 'Romeo')
      const found = await told(phone)

      expect(
        only(found, 'nick-changed').map(({ event }) => [event.own, event.before.nick, event.occupant.nick]),
      ).toEqual([[true, 'Juliet', 'Romeo']])
      expect(
        found.map(({ name }) => name).filter((name) => !['nick-changed', 'occupant-joined'].includes(name)),
      ).toEqual([])
      for (const tab of tabs) {
        const { nick, occupants } = await tab.state(room)
        expect(nick).toBe('Romeo')
        expect(occupants['Juliet']).toMatchObject({ own: false, ownAccount: true })
      }
      expect(presencesOf(bob, `${room}/Romeo`, seen)).toEqual(['available'])
    },
  ),

  conform(
    'N08',
    'A nick that the room gives instead of the one asked for is the account’s, and every tab is told it.',
    async (setting) => {
      const { room, wire, bob } = setting
      const [first, second] = await pair(setting)
      // The server of this room has its own mind about the nick.
      wire.rule((frame) => {
        const stanza = frame.dir === 'up' ? stanzaOf(frame) : undefined
        return stanza && isJoin(stanza) ? { replace: frame.text.replace(`${room}/Juliet`, `${room}/Capulet`) } : 'pass'
      })

      const result = await first.join(room, NICK)
      const later = await second.join(room, { nick: 'Capulet' })
      await settle(setting)

      expect(result).toMatchObject({ nick: 'Capulet', nickAssigned: true })
      expect(result.codes).toContain(210)
      expect(later).toMatchObject({ nick: 'Capulet', nickAssigned: false })
      for (const tab of [first, second])
        expect((await tab.state(room)).self).toMatchObject({ nick: 'Capulet', own: true })
      expect(presencesOf(bob, `${room}/Capulet`, 0)).toEqual(['available'])
    },
  ),

  conform(
    'N09',
    'Who comes back and finds somebody else under their nick is in under another one, and has it back when it is free.',
    async (setting) => {
      const { room, wire, bob } = setting
      const tabs = await pairIn(setting)
      const carol = await setting.client('carol')
      const told = await listening(setting, tabs)
      const seen = bob.mark()
      wire.refuse(true)
      wire.cut({ how: 'reset' })
      await tabs[0].sees({ room, name: 'interrupted' })
      const gone = ({ attrs }: { attrs: Record<string, string | undefined> }) =>
        attrs['from'] === `${room}/Juliet` && attrs['type'] === 'unavailable'
      await bob.waitFor(gone, { what: 'the end of the session', since: seen, deadlineMs: 60_000 })
      await carol.join(room, 'Juliet')
      wire.refuse(false)
      for (const tab of tabs) await tab.sees({ room, name: 'resumed' }, { ms: 30_000 })
      const found = await told(carol)

      expect(
        only(found, 'nick-changed').map(({ event }) => [event.own, event.before.nick, event.occupant.nick]),
      ).toEqual([[true, 'Juliet', 'Juliet_']])
      for (const tab of tabs) {
        const { nick, occupants } = await tab.state(room)
        expect(nick).toBe('Juliet_')
        expect(occupants['Juliet']).toMatchObject({ own: false, ownAccount: false })
      }

      // Asked for again, and still taken: that is nobody's news.
      const toldLater = await listening(setting, tabs)
      const mark = wire.frames.mark()
      await tabs[0].advance(31_000)
      await asked(setting, 'Juliet', mark)
      expect(await toldLater()).toEqual([])

      await carol.leave(room, 'Juliet')
      await settle(setting)
      const toldAtLast = await listening(setting, tabs)
      await tabs[0].advance(70_000)
      for (const tab of tabs) await tab.sees({ room, name: 'nick-changed', event: { occupant: { nick: 'Juliet' } } })
      expect(names(await toldAtLast())).toBe('nick-changed')
      for (const tab of tabs) expect((await tab.state(room)).nick).toBe('Juliet')
    },
    { resumes: false, clock: true, deadlineMs: 120_000 },
  ),

  conform(
    'N10',
    'Where no nick is kept for the account that is what a tab is told, however the server says it.',
    async (setting) => {
      const { room } = setting
      const [first, second] = await pair(setting)

      expect(await first.room(room, 'reservedNick')).toBeUndefined()
      await second.join(room, NICK)
      expect(await second.room(room, 'reservedNick')).toBeUndefined()
    },
  ),

  conform(
    'N11',
    'A tab can have a nick kept for the account, and every tab is told which one it is.',
    async (setting) => {
      const { room, bob, account } = setting
      await setAffiliation(bob, room, account, 'member')
      const [first, second] = await pairIn(setting)

      const before = await first.room(room, 'registration')
      expect(before.registered).toBe(false)
      expect(before.form.fields.map(({ name }) => name)).toContain('muc#register_roomnick')
      await register(first, room, 'Juliet')

      expect(await second.room(room, 'registration')).toMatchObject({ registered: true, nick: 'Juliet' })
      expect(await second.room(room, 'reservedNick')).toBe('Juliet')
      for (const tab of [first, second]) expect((await tab.state(room)).state).toBe('in')
    },
    { needs: ['registration with rooms'] },
  ),

  conform(
    'N12',
    'A nick that is kept for somebody else is refused to the tab that asked for it, at the join and later.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await pair(setting)
      const carol = await setting.client('carol')
      await setAffiliation(bob, room, bareJid(carol), 'member')
      await registerNick(carol, room, 'Nightingale')

      expect((await refused(first.join(room, { nick: 'Nightingale' }))).code).toBe('room-nick-conflict')
      await second.join(room, NICK)
      expect((await refused(second.room(room, 'setNick', 'Nightingale'))).code).toBe('room-nick-conflict')
      expect((await second.state(room)).nick).toBe('Juliet')
    },
    { needs: ['registration with rooms'] },
  ),

  conform(
    'N13',
    'Where members must use the nick that is kept for them, every tab gets it, with 210, and another one is refused.',
    async (setting) => {
      const { room, bob, account } = setting
      await setAffiliation(bob, room, account, 'member')
      const [first, second] = await pair(setting)
      await register(first, room, 'Capulet')

      const result = await first.join(room, NICK)
      const later = await second.join(room, NICK)
      await settle(setting)
      const told = await listening(setting, [first, second])
      const failure = await refused(second.room(room, 'setNick', 'Romeo'))

      for (const each of [result, later]) {
        expect(each).toMatchObject({ nick: 'Capulet', nickAssigned: true })
        expect(each.codes).toContain(210)
      }
      expect(failure).toMatchObject({ code: 'room-nick-not-acceptable', facts: { nick: 'Romeo' } })
      expect(await told()).toEqual([])
      for (const tab of [first, second]) expect((await tab.state(room)).nick).toBe('Capulet')
    },
    { needs: ['enforced nicks'] },
  ),

  conform(
    'N14',
    'Where visitors may not change their nick only the tab that tried is told.',
    async (setting) => {
      const { room, bob } = setting
      const tabs = await pairIn(setting)
      await setRole(bob, room, 'Juliet', 'visitor')
      await settle(setting)
      const told = await listening(setting, tabs)

      const failure = await refused(tabs[0].room(room, 'setNick', 'Romeo'))

      expect(failure.code).toBe('forbidden')
      expect(await told()).toEqual([])
      for (const tab of tabs) expect((await tab.state(room)).nick).toBe('Juliet')
    },
    { needs: ['rule against nick changes of visitors'], fields: { allow_visitor_nickchange: false } },
  ),
]
