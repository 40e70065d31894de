// Rows R1, R4, R6; checks 9 to 14.
import { expect } from 'expect'
import type { Tab } from '../../support/browser/tab.ts'
import { configureRoom, setAffiliation } from '../../support/raw-room.ts'
import { type Case, conform, type Setting } from '../case.ts'
import { guest, NICK, names, pair, refused, settle } from '../steps.ts'
import { isJoin, sent, stanzaOf } from '../wire.ts'

const NS_MUC = 'http://jabber.org/protocol/muc'
const WITH_PASSWORD = { 'muc#roomconfig_passwordprotectedroom': true, 'muc#roomconfig_roomsecret': 'open sesame' }

/** Both tabs ask to be let in before any answer comes. @returns the codes with which they are refused */
async function bothRefused(setting: Setting, room = setting.room): Promise<unknown[]> {
  const { wire } = setting
  const tabs = await pair(setting)
  await settle(setting)
  wire.stall('down')
  const failures = tabs.map((tab) => refused(tab.join(room, NICK)))
  for (const tab of tabs) await tab.inspect()
  wire.release('down')
  return (await Promise.all(failures)).map(({ code }) => code)
}

/** The one asks to be let in, and before it has an answer the other one does. */
async function inTurn<A, B>(setting: Setting, one: () => Promise<A>, other: () => Promise<B>): Promise<[A, B]> {
  const { wire, opened } = setting
  const mark = wire.frames.mark()
  wire.stall('down')
  const first = one()
  await wire.waitForFrame(({ dir, text }) => dir === 'up' && text.includes(`${NS_MUC}"`), 10_000, mark)
  const second = other()
  for (const tab of opened) await tab.inspect()
  wire.release('down')
  return Promise.all([first, second])
}

/** Two minutes later nothing more has been tried. */
async function noRetry(setting: Setting, joins: number): Promise<void> {
  const [tab] = setting.opened
  await tab?.advance(120_000)
  await settle(setting)
  expect(sent(setting.wire).filter(isJoin)).toHaveLength(joins)
}

const passwordsSent = ({ wire }: Setting): (string | null | undefined)[] =>
  sent(wire)
    .filter(isJoin)
    .map((stanza) => stanza.getChild('x')?.getChildText('password'))

async function backAgain({ wire }: Setting, tab: Tab): Promise<void> {
  const since = await tab.mark()
  wire.cut({ how: 'reset' })
  await tab.sees({ name: 'resumed' }, { since, ms: 20_000 })
}

export const joiningRefused: readonly Case[] = [
  conform(
    'J13',
    'A wrong password is refused to the tab that gave it, and a tab with the right one gets in; that one is kept.',
    async (setting) => {
      const { room } = setting
      const [first, second] = await pair(setting)
      await settle(setting)

      const [wrong, right] = await inTurn(
        setting,
        () => refused(first.join(room, { ...NICK, password: 'wrong' })),
        () => second.join(room, { ...NICK, password: 'open sesame' }),
      )
      await settle(setting)

      expect(wrong.code).toBe('room-password-required')
      expect(right.nick).toBe('Juliet')
      expect((await first.state(room)).state).toBe('out')
      expect((await second.state(room)).state).toBe('in')
      await backAgain(setting, second)
      expect(passwordsSent(setting).at(-1)).toBe('open sesame')
    },
    { resumes: false, fields: WITH_PASSWORD },
  ),

  conform(
    'J14',
    'A tab that joins with a wrong password where the account is in gets in, nothing is sent, and the right one is kept.',
    async (setting) => {
      const { room, wire } = setting
      const [first, second] = await pair(setting)
      await first.join(room, { ...NICK, password: 'open sesame' })
      await settle(setting)
      const mark = wire.frames.mark()

      const result = await second.join(room, { ...NICK, password: 'wrong' })
      await settle(setting)

      expect(result).toMatchObject({ nick: 'Juliet', nickAssigned: false })
      expect(sent(wire, mark).map(String)).toEqual([])
      await backAgain(setting, second)
      expect(passwordsSent(setting)).toEqual(['open sesame', 'open sesame'])
    },
    { resumes: false, fields: WITH_PASSWORD },
  ),

  conform(
    'J15',
    'A nick that somebody else has is refused to the tab that asked for it; another one gets in, a third hears nothing.',
    async (setting) => {
      const { room } = setting
      await guest(setting, 'Carol')
      const [first, second] = await pair(setting)
      const third = await setting.tab()

      await settle(setting)

      const [taken, free] = await inTurn(
        setting,
        () => refused(first.join(room, { nick: 'Carol' })),
        () => second.join(room, NICK),
      )
      await settle(setting)

      expect(taken).toMatchObject({
        code: 'room-nick-conflict',
        facts: { nick: 'Carol', condition: 'conflict', retry: false },
      })
      expect(free.nick).toBe('Juliet')
      expect(names(await third.told(room))).toBe('')
      expect(names(await first.told(room))).toBe('')
    },
  ),

  conform(
    'J16',
    'A ban is told to all tabs that wait, by one join, and nothing is tried again.',
    async (setting) => {
      const { room, bob, account } = setting
      await setAffiliation(bob, room, account, 'outcast')

      expect(await bothRefused(setting)).toEqual(['room-banned', 'room-banned'])
      await noRetry(setting, 1)
    },
    { clock: true },
  ),

  conform(
    'J17',
    'A room for members is closed to all tabs that wait, by one join, and nothing is tried again.',
    async (setting) => {
      const { room, bob } = setting
      await configureRoom(bob, room, { 'muc#roomconfig_membersonly': true })

      expect(await bothRefused(setting)).toEqual(['room-members-only', 'room-members-only'])
      await noRetry(setting, 1)
    },
    { clock: true },
  ),

  conform(
    'J18',
    'A room that its owner has not configured yet is closed to all tabs that wait, as something that will pass.',
    async (setting) => {
      const room = setting.newAddress()
      const carol = await setting.client('carol')
      await carol.join(room, 'Carol')

      expect(await bothRefused(setting, room)).toEqual(['room-locked', 'room-locked'])
      const [tab] = setting.opened
      const again = tab && (await refused(tab.join(room, NICK)))
      expect(again?.facts).toMatchObject({ retry: true, condition: 'item-not-found' })
      await noRetry(setting, 2)
      await configureRoom(carol, room)
      expect(await tab?.join(room, NICK)).toMatchObject({ nick: 'Juliet', created: false })
    },
    { needs: ['locked rooms'], clock: true },
  ),

  conform(
    'J19',
    'A full room is closed to all tabs that wait, as something that will pass.',
    async (setting) => {
      const { room, bob } = setting
      await configureRoom(bob, room, { 'muc#roomconfig_maxusers': 5 })
      for (const nick of ['One', 'Two', 'Three', 'Four']) await guest(setting, nick)

      expect(await bothRefused(setting)).toEqual(['room-full', 'room-full'])
      await noRetry(setting, 1)
    },
    { needs: ['limit of occupants'], clock: true },
  ),

  conform('J20', 'Each way to be refused has its code, also those that this server does not use.', async (setting) => {
    const { room, bob, account, wire } = setting
    await setAffiliation(bob, room, account, 'outcast')
    const [first] = await pair(setting)
    const found: Record<string, string> = {}
    for (const condition of Object.keys(REFUSALS)) {
      const off = wire.rule((frame) => {
        const stanza = frame.dir === 'down' ? stanzaOf(frame) : undefined
        if (!stanza?.is('presence') || stanza.attrs['type'] !== 'error') return 'pass'
        return { replace: frame.text.replace(/<error.*<\/error>/, errorOf(condition)) }
      })
      found[condition] = (await refused(first.join(room, NICK))).code
      off()
    }
    expect(found).toEqual(REFUSALS)
  }),

  conform('J21', 'A room that is gone is refused with the room where it went on.', async (setting) => {
    const { room, bob, account, wire } = setting
    await setAffiliation(bob, room, account, 'outcast')
    const tab = await setting.tab()
    const gone = `<gone xmlns="${NS_STANZAS}">xmpp:new-room@${setting.server.mucDomain}?join</gone>`
    wire.rule((frame) => {
      const stanza = frame.dir === 'down' ? stanzaOf(frame) : undefined
      if (!stanza?.is('presence') || stanza.attrs['type'] !== 'error') return 'pass'
      return { replace: frame.text.replace(/<error.*<\/error>/, `<error type="cancel">${gone}</error>`) }
    })

    const failure = await refused(tab.join(room, NICK))

    expect(failure).toMatchObject({
      code: 'room-gone',
      facts: { alternate: `new-room@${setting.server.mucDomain}`, retry: false },
    })
  }),

  conform('J22', 'A nick that no server takes is refused in the tab, and nothing is sent.', async (setting) => {
    const { room, wire } = setting
    const tab = await setting.tab()
    await settle(setting)
    const mark = wire.frames.mark()

    for (const nick of ['', ' ', '\u0000']) expect((await refused(tab.join(room, { nick }))).code).toBe('jid-malformed')
    await settle(setting)

    expect(sent(wire, mark).map(String)).toEqual([])
    expect((await tab.inspect()).rooms).toEqual([])
  }),

  conform(
    'J23',
    'A room that does not answer for 30 seconds fails the join with timeout, and can be joined later.',
    async (setting) => {
      const { room, wire } = setting
      const tab = await setting.tab()
      await settle(setting)
      const off = wire.rule((frame) => {
        const stanza = frame.dir === 'up' ? stanzaOf(frame) : undefined
        return stanza && isJoin(stanza) ? 'drop' : 'pass'
      })
      const mark = wire.frames.mark()
      const joining = refused(tab.join(room, NICK))
      await wire.waitForFrame(({ dir, text }) => dir === 'up' && text.includes(`${room}/Juliet`), 5_000, mark)

      await tab.advance(30_500)
      expect(await joining).toMatchObject({ code: 'timeout', facts: { retry: true } })
      await settle(setting)
      expect((await tab.state(room)).state).toBe('out')
      expect((await tab.inspect()).rooms).toEqual([])
      off()

      expect(await tab.join(room, NICK)).toMatchObject({ nick: 'Juliet' })
    },
    { clock: true },
  ),
]

const NS_STANZAS = 'urn:ietf:params:xml:ns:xmpp-stanzas'

/** By the condition of the error (XEP-0045 section 7.2, RFC 6120 section 8.3.3). */
const REFUSALS: Readonly<Record<string, string>> = {
  'not-authorized': 'room-password-required',
  conflict: 'room-nick-conflict',
  'not-acceptable': 'room-nick-not-acceptable',
  forbidden: 'room-banned',
  'registration-required': 'room-members-only',
  'item-not-found': 'room-locked',
  'not-allowed': 'room-creation-forbidden',
  'service-unavailable': 'room-full',
  'resource-constraint': 'room-full',
  'remote-server-not-found': 'room-unreachable',
  'remote-server-timeout': 'room-unreachable',
  'jid-malformed': 'jid-malformed',
  'internal-server-error': 'stanza-error',
}

const errorOf = (condition: string): string =>
  `<error type="cancel"><${condition} xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error>`
