// Rows R9, R19 to R24; checks 32 to 38.
import { expect } from 'expect'
import type { Told } from '../../support/browser/harness.ts'
import type { Tab } from '../../support/browser/tab.ts'
import { StanzaError } from '../../support/raw-client.ts'
import { ban, configureRoom, destroyRoom, featuresOf, kick, setAffiliation } from '../../support/raw-room.ts'
import { startServer } from '../../support/servers/index.ts'
import { PASSWORD, presencesOf } from '../../support/stage.ts'
import { startWireProxy } from '../../support/wire-proxy.ts'
import { type Case, conform, type Setting } from '../case.ts'
import { guest, inject, listening, NICK, names, only, pairIn, refused, settle, tabsIn } from '../steps.ts'
import { isJoin, sent } from '../wire.ts'

const MEMBERS_ONLY = { 'muc#roomconfig_membersonly': true }

/** What the tabs were told of their removal; nothing else, and every one the same. */
type Removal = Pick<Told, 'name' | 'event'>

/**
 * Two tabs are in and a third one is not; somebody takes the account out for good. Both are told so, nobody tries to come
 * back, and the third one hears that the account is out.
 */
async function removedBy(setting: Setting, remove: () => Promise<unknown>): Promise<Removal> {
  const { room, wire, bob } = setting
  const tabs = await tabsIn(setting, 2)
  const bystander = await setting.tab()
  await settle(setting)
  const told = await listening(setting, tabs)
  const [mark, seen, before] = [wire.frames.mark(), bob.mark(), await bystander.mark()]

  await remove()
  await settle(setting)
  await bystander.advance(120_000)
  const found = (await told()).filter(({ name }) => name !== 'config')

  expect(found).toHaveLength(1)
  expect(sent(wire, mark).filter((stanza) => stanza.is('presence'))).toEqual([])
  expect(presencesOf(bob, `${room}/Juliet`, seen).filter((each) => each === 'available')).toEqual([])
  const heard = (await bystander.toldSince(before)).filter(({ name }) => name !== 'bookmark')
  expect(heard).toEqual([{ name: 'membership', event: { room, change: 'removed', by: 'room' } }])
  for (const tab of tabs) {
    const { nick, occupants } = await tab.state(room)
    expect({ nick, occupants }).toEqual({ nick: undefined, occupants: {} })
  }
  expect((await bystander.inspect()).rooms).toEqual([])
  return { name: found[0]?.name ?? '', event: found[0]?.event }
}

/** In the room by a bookmark, too, which the server keeps. */
async function bookmarked(setting: Setting): Promise<Tab> {
  const { room } = setting
  const tab = await setting.tab()
  await tab.join(room, NICK)
  await tab.bookmarks('set', { room, autojoin: true, nick: 'Juliet' })
  await settle(setting)
  return tab
}

/** Whether the bookmark on the server still wants the room. */
async function autojoinOf(tab: Tab): Promise<boolean | undefined> {
  const [bookmark] = await tab.bookmarks('list')
  return bookmark?.autojoin
}

/** The stanza by which a room tells its occupant that they are out, with these codes. */
const unavailable = ({ room, account }: Setting, nick: string, codes: readonly number[], inside = ''): string =>
  `<presence xmlns="jabber:client" type="unavailable" from="${room}/${nick}" to="${account}">${inside}` +
  `<x xmlns="http://jabber.org/protocol/muc#user"><item affiliation="none" role="none"/>` +
  `${codes.map((code) => `<status code="${code}"/>`).join('')}</x></presence>`

/** The tabs come back by themselves; what they were told meanwhile. */
async function heals(setting: Setting, tabs: readonly Tab[], breakOff: () => Promise<void>): Promise<Told[]> {
  const { room } = setting
  const told = await listening(setting, tabs)
  const marks = await Promise.all(tabs.map((tab) => tab.mark()))
  await breakOff()
  for (const [at, tab] of tabs.entries()) await tab.sees({ room, name: 'resumed' }, { since: marks[at] ?? 0 })
  return told()
}

export const removal: readonly Case[] = [
  conform(
    'R01',
    'A kick is told to every tab, with by whom and why; nobody comes back by themselves, and whoever joins again is in.',
    async (setting) => {
      const { room, bob, wire } = setting

      const { name, event } = await removedBy(setting, () => kick(bob, room, 'Juliet', 'too loud'))

      expect(name).toBe('removed')
      expect(event).toMatchObject({ kind: 'kicked', reason: 'too loud' })
      expect(['Bob', undefined]).toContain(event.actor)
      const [first, second] = setting.opened
      for (const tab of [first, second]) expect((await tab?.state(room))?.state).toBe('removed')
      const mark = wire.frames.mark()
      expect(await first?.join(room, NICK)).toMatchObject({ nick: 'Juliet' })
      expect(sent(wire, mark).filter(isJoin)).toHaveLength(1)
      expect((await second?.state(room))?.state).toBe('removed')
    },
    { clock: true },
  ),

  conform(
    'R02',
    'A ban is told to every tab, with why; nobody comes back by themselves, and whoever joins again is refused.',
    async (setting) => {
      const { room, bob, account, wire } = setting

      const { name, event } = await removedBy(setting, () => ban(bob, room, account, 'spam'))

      expect(name).toBe('removed')
      expect(event).toMatchObject({ kind: 'banned', reason: 'spam' })
      const mark = wire.frames.mark()
      const late = await setting.tab()
      expect((await refused(late.join(room, NICK))).code).toBe('room-banned')
      expect(sent(wire, mark).filter(isJoin)).toHaveLength(1)
    },
    { clock: true },
  ),

  conform(
    'R03',
    'Where a room becomes one for members, the tabs of somebody who is none are told so, and refused if they join again.',
    async (setting) => {
      const { room, bob } = setting

      const { name, event } = await removedBy(setting, () => configureRoom(bob, room, MEMBERS_ONLY))

      expect(name).toBe('removed')
      expect(event).toMatchObject({ kind: 'not-a-member' })
      const late = await setting.tab()
      expect((await refused(late.join(room, NICK))).code).toBe('room-members-only')
    },
    { clock: true },
  ),

  conform(
    'R04',
    'Who is no member any more is out of a room for members, in every tab, and refused if they join again.',
    async (setting) => {
      const { room, bob, account } = setting
      await setAffiliation(bob, room, account, 'member')
      await configureRoom(bob, room, MEMBERS_ONLY)

      const { name, event } = await removedBy(setting, () => setAffiliation(bob, room, account, 'none'))

      expect(name).toBe('removed')
      expect(event).toMatchObject({ kind: 'not-a-member' })
      const late = await setting.tab()
      expect((await refused(late.join(room, NICK))).code).toBe('room-members-only')
    },
    { clock: true },
  ),

  conform(
    'R05',
    'The end of a room is told to every tab once, with why and where it goes on, and nobody makes it again.',
    async (setting) => {
      const { room, bob } = setting
      const alternate = setting.newAddress()

      const { name, event } = await removedBy(setting, () => destroyRoom(bob, room, { reason: 'we moved', alternate }))

      expect(name).toBe('destroyed')
      expect(event).toEqual({ reason: 'we moved', alternate })
      const [first, second] = setting.opened
      for (const tab of [first, second]) expect((await tab?.state(room))?.state).toBe('destroyed')
      const answer = await featuresOf(bob, room).catch((error: unknown) => error)
      expect(answer).toBeInstanceOf(StanzaError)
    },
    { clock: true },
  ),

  conform(
    'R06',
    'Who joins a room that is no more is told where it goes on, as every tab that waits is.',
    async (setting) => {
      const { room, bob, wire } = setting
      const alternate = setting.newAddress()
      await destroyRoom(bob, room, { reason: 'we moved', alternate })
      const tabs = await setting.tabs(2)

      const failures = await Promise.all(tabs.map((tab) => refused(tab.join(room, NICK))))

      for (const { code, facts } of failures) {
        expect(code).toBe('room-gone')
        expect(facts).toMatchObject({ alternate, retry: false })
      }
      expect(sent(wire).filter(isJoin).length).toBeLessThanOrEqual(2)
    },
    { needs: ['tombstones'] },
  ),

  conform(
    'R07',
    'A bookmark does not bring back who was kicked, and stays as it was.',
    async (setting) => {
      const { room, bob, wire } = setting
      const tab = await bookmarked(setting)
      const mark = wire.frames.mark()

      await kick(bob, room, 'Juliet')
      await tab.sees({ room, name: 'removed', event: { kind: 'kicked' } })
      await settle(setting)
      await tab.advance(120_000)
      await settle(setting)

      expect(sent(wire, mark).filter(isJoin)).toEqual([])
      expect(await autojoinOf(tab)).toBe(true)
    },
    { clock: true },
  ),

  conform(
    'R08',
    'A bookmark does not bring back who was banned, nor whose room has ended, and wants the room no more.',
    async (setting) => {
      const { room, bob, wire, account } = setting
      const another = await setting.makeRoom()
      const tab = await bookmarked(setting)
      await tab.join(another, NICK)
      await tab.bookmarks('set', { room: another, autojoin: true, nick: 'Juliet' })
      await settle(setting)
      const mark = wire.frames.mark()

      await ban(bob, room, account)
      await destroyRoom(bob, another)
      await tab.sees({ room, name: 'removed', event: { kind: 'banned' } })
      await tab.sees({ room: another, name: 'destroyed' })
      for (const each of [room, another])
        await tab.sees({ name: 'bookmark', event: { room: each, bookmark: { autojoin: false } } })
      await tab.advance(120_000)
      await settle(setting)

      expect(sent(wire, mark).filter(isJoin)).toEqual([])
    },
    { clock: true },
  ),

  conform(
    'R09',
    'A technical removal heals by itself: one join, and the tabs are told who came and went meanwhile, and of nothing else.',
    async (setting) => {
      const { room, bob, wire } = setting
      const tabs = await tabsIn(setting, 2)
      const carol = await guest(setting, 'Carol')
      const dave = await setting.client('dave')
      await settle(setting)
      const [first] = tabs
      const seen = bob.mark()
      const mark = wire.frames.mark()

      const told = await heals(setting, tabs, async () => {
        // Both servers throw out whoever sends an error to a room.
        const off = wire.rule(({ dir, text }) =>
          dir === 'up' && text.includes('carrier@') ? { replace: errorTo(`${room}/Bob`) } : 'pass',
        )
        const presence = { show: 'online' } as const
        await first?.account('directPresence', `carrier@${setting.server.domain}`, presence)
        await wire.waitForFrame(({ dir, text }) => dir === 'up' && text.includes('carrier@'), 10_000, mark)
        wire.stall('up')
        off()
        for (const tab of tabs) await tab.sees({ room, name: 'interrupted' })
        await carol.leave(room, 'Carol')
        await dave.join(room, 'Dave')
        wire.release('up')
      })

      expect(names(told)).toBe('interrupted occupant-left occupant-joined resumed')
      const changes = told.slice(1, 3).map(({ event }) => [event.occupant.nick, event.synthetic])
      expect(changes).toEqual([
        ['Carol', true],
        ['Dave', true],
      ])
      expect(sent(wire, mark).filter(isJoin)).toHaveLength(1)
      expect(presencesOf(bob, `${room}/Juliet`, seen)).toEqual(['unavailable', 'available'])
      for (const tab of tabs) expect((await tab.state(room)).state).toBe('in')
    },
  ),

  conform(
    'R10',
    'Each sign of a technical removal heals by itself, within five seconds, and where nothing changed nothing is told.',
    async (setting) => {
      const { room, bob, wire } = setting
      const tabs = await pairIn(setting)
      const seen = bob.mark()
      for (const codes of [[110, 332], [110, 333], [110, 307, 333], [110], []]) {
        const mark = wire.frames.mark()
        const told = await heals(setting, tabs, async () => {
          await inject(setting, unavailable(setting, 'Juliet', codes, '<status>An error occurred</status>'))
          for (const tab of tabs) await tab.sees({ room, name: 'interrupted' })
          await tabs[0].advance(5_000)
        })
        expect(names(told)).toBe('interrupted resumed')
        expect(sent(wire, mark).filter(isJoin)).toHaveLength(1)
      }
      expect(presencesOf(bob, `${room}/Juliet`, seen)).not.toContain('unavailable')
    },
    { clock: true, ghost: true },
  ),

  conform(
    'R11',
    'A server that is restarted finds the account in its rooms again, by one join each, and no tab is told of a leave.',
    async (setting) => {
      await using server = await startServer(setting.server.name, { accounts: { juliet: PASSWORD } })
      await using wire = await startWireProxy({ target: server.url })
      const rooms = ['one', 'two'].map((name) => `${name}@${server.mucDomain}`)
      const tabs = [await setting.openTab(), await setting.openTab()]
      for (const tab of tabs) {
        await setting.connect(tab, { jid: `juliet@${server.domain}`, service: wire.url })
        for (const room of rooms) await tab.join(room, NICK)
      }
      for (const room of rooms) await tabs[0]?.room(room, 'configure')
      const marks = await Promise.all(tabs.map((tab) => tab.mark()))
      const mark = wire.frames.mark()

      await server.stop()
      for (const tab of tabs) for (const room of rooms) await tab.sees({ room, name: 'interrupted' })
      await server.start()
      for (const tab of tabs) for (const room of rooms) await tab.sees({ room, name: 'resumed' }, { ms: 60_000 })
      for (const tab of tabs) await tab.inspect()

      const joined = sent(wire, mark).filter(isJoin)
      expect(joined.map(({ attrs }) => attrs['to']).sort()).toEqual(rooms.map((room) => `${room}/Juliet`))
      for (const [at, tab] of tabs.entries()) {
        for (const room of rooms) {
          expect(names(await tab.toldSince(marks[at] ?? 0, room))).toMatch(/^interrupted (config )*resumed( config)*$/)
          expect((await tab.state(room)).state).toBe('in')
        }
      }
    },
    { deadlineMs: 120_000, watched: false },
  ),

  conform(
    'R12',
    'Who was banned while the connection was lost is told so in every tab, by one join, and nothing is tried again.',
    async (setting) => {
      const { room, bob, account, wire } = setting
      const tabs = await pairIn(setting)
      const mark = wire.frames.mark()
      const told = await listening(setting, tabs)
      wire.refuse(true)
      wire.cut({ how: 'reset' })
      for (const tab of tabs) await tab.sees({ room, name: 'interrupted' })

      await ban(bob, room, account)
      wire.refuse(false)
      for (const tab of tabs) await tab.sees({ room, name: 'removed' }, { ms: 30_000 })
      await settle(setting)
      await tabs[0].advance(120_000)
      const found = await told()

      expect(names(found)).toBe('interrupted removed')
      expect(found[1]?.event).toMatchObject({ kind: 'banned' })
      expect(sent(wire, mark).filter(isJoin)).toHaveLength(1)
      for (const tab of tabs) expect((await tab.state(room)).state).toBe('removed')
    },
    { resumes: false, clock: true, deadlineMs: 60_000 },
  ),

  conform(
    'R13',
    'Where the room has ended while the connection was lost every tab is told so, with where it goes on.',
    async (setting) => {
      const { room, bob, wire } = setting
      const tabs = await pairIn(setting)
      const alternate = setting.newAddress()
      const told = await listening(setting, tabs)
      wire.refuse(true)
      wire.cut({ how: 'reset' })
      for (const tab of tabs) await tab.sees({ room, name: 'interrupted' })

      await destroyRoom(bob, room, { reason: 'we moved', alternate })
      wire.refuse(false)
      for (const tab of tabs) await tab.sees({ room, name: 'destroyed' }, { ms: 30_000 })
      const found = await told()

      expect(names(found)).toBe('interrupted destroyed')
      expect(found[1]?.event).toMatchObject({ alternate })
      for (const tab of tabs) expect((await tab.state(room)).state).toBe('destroyed')
    },
    { resumes: false, needs: ['tombstones'], deadlineMs: 60_000 },
  ),

  conform(
    'R14',
    'What tabs are waiting for ends with their removal: a message and a nick on their way fail, and nobody waits for ever.',
    async (setting) => {
      const { room, bob, wire } = setting
      const [first, second] = await pairIn(setting)
      wire.rule(({ dir, text }) =>
        dir === 'up' && (text.includes('never to arrive') || text.includes(`${room}/Romeo`)) ? 'drop' : 'pass',
      )
      const mark = wire.frames.mark()
      const sending = refused(first.send(room, 'never to arrive'))
      const renaming = refused(second.room(room, 'setNick', 'Romeo'))
      await wire.waitForFrame(({ dir, text }) => dir === 'up' && text.includes('never to arrive'), 10_000, mark)
      await wire.waitForFrame(({ dir, text }) => dir === 'up' && text.includes(`${room}/Romeo`), 10_000, mark)

      await kick(bob, room, 'Juliet')

      expect((await sending).code).toBe('not-joined')
      expect((await renaming).code).toBe('not-joined')
      expect((await refused(first.send(room, 'afterwards'))).code).toBe('not-joined')
    },
  ),

  conform(
    'R15',
    'A kick that comes while another device of ours has the same nick takes the tabs out, once.',
    async (setting) => {
      const { room, bob } = setting
      const tabs = await pairIn(setting)
      const phone = await setting.device('phone')
      await phone.join(room, 'Juliet')
      await settle(setting)
      const told = await listening(setting, tabs)

      await kick(bob, room, 'Juliet')
      for (const tab of tabs) await tab.sees({ room, name: 'removed' })
      const found = await told(phone)

      expect(names(found)).toBe('removed')
      expect(only(found, 'removed')[0]?.event).toMatchObject({ kind: 'kicked' })
    },
  ),
]

const errorTo = (jid: string): string =>
  `<message xmlns="jabber:client" type="error" to="${jid}"><error type="cancel">` +
  `<item-not-found xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error></message>`
