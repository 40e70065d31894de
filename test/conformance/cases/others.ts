// Rows R16, R17, R18; checks 3, 27 to 31.
import { expect } from 'expect'
import type { Told } from '../../support/browser/harness.ts'
import type { Tab } from '../../support/browser/tab.ts'
import { el, type RawClient } from '../../support/raw-client.ts'
import { ban, configureRoom, kick, roomBarrier, setAffiliation, setRole, showIn } from '../../support/raw-room.ts'
import { presencesOf } from '../../support/stage.ts'
import { type Case, conform, type Setting } from '../case.ts'
import { bareJid, guest, listening, NICK, names, only, pairIn, settle } from '../steps.ts'
import { isJoin, sent } from '../wire.ts'
import { entryOf, type Person } from '../witness.ts'

const show = (text: string) => el('show', {}, text)
const status = (text: string) => el('status', {}, text)

/** A tab that was not in is shown the room as it is now. */
async function lateTab(setting: Setting): Promise<Tab> {
  const tab = await setting.tab()
  await tab.join(setting.room, NICK)
  return tab
}

/** What was told of changes: one line each, of whom and what. */
const changes = (told: readonly Told[]): string[] =>
  told.map(({ name, event }) => {
    const { nick, role, affiliation, show, status } = event.occupant ?? {}
    return [name, nick, role, affiliation, show, status].filter((word) => word !== undefined).join(' ')
  })

/** Gives an account a picture, so that its presences carry the hash (XEP-0153). */
async function wearPicture(client: RawClient): Promise<void> {
  const photo = el(
    'PHOTO',
    {},
    el('TYPE', {}, 'image/png'),
    el('BINVAL', {}, Buffer.from('a picture').toString('base64')),
  )
  await client.request(el('iq', { type: 'set' }, el('vCard', { xmlns: 'vcard-temp' }, photo)))
}

/** The first two tabs in a room for members, where Carol is one. */
async function amongMembers(setting: Setting): Promise<{ tabs: [Tab, Tab]; carol: RawClient }> {
  const { bob, room, account } = setting
  const carol = await setting.client('carol')
  await setAffiliation(bob, room, account, 'member')
  await setAffiliation(bob, room, bareJid(carol), 'member')
  await configureRoom(bob, room, { 'muc#roomconfig_membersonly': true })
  const tabs = await pairIn(setting)
  await carol.join(room, 'Carol')
  await settle(setting)
  return { tabs, carol }
}

export const others: readonly Case[] = [
  conform(
    'O01',
    'Somebody who comes, goes and comes back is told so to every tab, once each, and nothing goes to the server for it.',
    async (setting) => {
      const { room, wire } = setting
      const tabs = await pairIn(setting)
      const carol = await setting.client('carol')
      const told = await listening(setting, tabs)
      const mark = wire.frames.mark()

      await carol.join(room, 'Carol')
      carol.send(el('presence', { to: `${room}/Carol`, type: 'unavailable' }, status('good night')))
      await roomBarrier(carol, `${room}/Carol`)
      await carol.join(room, 'Carol')
      const found = await told(carol)

      expect(names(found)).toBe('occupant-joined occupant-left occupant-joined')
      expect(found[0]?.event).toMatchObject({
        occupant: { nick: 'Carol', own: false },
        initial: false,
        synthetic: false,
      })
      expect(found[1]?.event).toMatchObject({ occupant: { nick: 'Carol' }, kind: 'left', reason: 'good night' })
      expect(sent(wire, mark).map(String)).toEqual([])
      const late = await lateTab(setting)
      const seen = only(await late.told(room), 'occupant-joined').map(({ event }) => event.occupant.nick)
      expect(seen.sort()).toEqual(['Bob', 'Carol'])
    },
  ),

  conform(
    'O02',
    'What somebody shows is told to every tab as it changes, and not told where nothing has changed.',
    async (setting) => {
      const { room } = setting
      const tabs = await pairIn(setting)
      const carol = await guest(setting, 'Carol')
      const told = await listening(setting, tabs)
      await settle(setting)
      const shown = [[show('away'), status('at lunch')], [show('xa')], [show('dnd')], [show('dnd')], [show('chat')], []]

      for (const each of shown) showIn(carol, `${room}/Carol`, ...each)
      const found = only(await told(carol), 'occupant-changed').map(({ event }) => event)

      const words = ({ show, status }: Person) => (status === undefined ? show : `${show} ${status}`)
      const steps = ['online', 'away at lunch', 'xa', 'dnd', 'chat', 'online']
      expect(found.map(({ occupant }) => words(occupant))).toEqual(steps.slice(1))
      expect(found.map(({ before }) => words(before))).toEqual(steps.slice(0, -1))
      showIn(carol, `${room}/Carol`, show('away'), status('gone fishing'))
      await told(carol)
      const late = await lateTab(setting)
      expect((await late.state(room)).occupants['Carol']).toMatchObject({ show: 'away', status: 'gone fishing' })
      expect(only(await late.told(room), 'occupant-changed')).toEqual([])
    },
  ),

  conform(
    'O03',
    'A new nick is told to every tab as one rename, also back again and to a nick that was somebody else’s.',
    async (setting) => {
      const { room } = setting
      const tabs = await pairIn(setting)
      const carol = await guest(setting, 'Carol')
      const dave = await guest(setting, 'Dave')
      await settle(setting)
      const told = await listening(setting, tabs)

      for (const nick of ['Caroline', 'Carol']) showIn(carol, `${room}/${nick}`)
      await roomBarrier(carol, `${room}/Carol`)
      await dave.leave(room, 'Dave')
      showIn(carol, `${room}/Dave`)
      const found = await told(carol)

      expect(names(found)).toBe('nick-changed nick-changed occupant-left nick-changed')
      const renames = only(found, 'nick-changed').map(({ event }) => [
        event.before.nick,
        event.occupant.nick,
        event.own,
      ])
      expect(renames).toEqual([
        ['Carol', 'Caroline', false],
        ['Caroline', 'Carol', false],
        ['Carol', 'Dave', false],
      ])
      const late = await lateTab(setting)
      for (const tab of [...tabs, late])
        expect(Object.keys(await tab.occupants(room)).sort()).toEqual(['Bob', 'Dave', 'Juliet'])
      expect(only(await late.told(room), 'nick-changed')).toEqual([])
    },
  ),

  conform(
    'O04',
    'What somebody may do, and what they are to the room, is told to every tab once for each change.',
    async (setting) => {
      const { room, bob } = setting
      const tabs = await pairIn(setting)
      const carol = await guest(setting, 'Carol')
      const jid = bareJid(carol)
      await settle(setting)
      const told = await listening(setting, tabs)

      await setRole(bob, room, 'Carol', 'visitor')
      await setRole(bob, room, 'Carol', 'participant')
      await setRole(bob, room, 'Carol', 'moderator')
      await setRole(bob, room, 'Carol', 'participant')
      await setAffiliation(bob, room, jid, 'member')
      await setAffiliation(bob, room, jid, 'admin')
      await setAffiliation(bob, room, jid, 'owner')
      await setAffiliation(bob, room, jid, 'none')
      const found = changes(await told(carol))

      // Who is no admin any more keeps the role of one on some servers, and on others does not.
      expect(found.slice(0, -1)).toEqual([
        'occupant-changed Carol visitor none online',
        'occupant-changed Carol participant none online',
        'occupant-changed Carol moderator none online',
        'occupant-changed Carol participant none online',
        'occupant-changed Carol participant member online',
        'occupant-changed Carol moderator admin online',
        'occupant-changed Carol moderator owner online',
      ])
      expect(found.at(-1)).toMatch(/^occupant-changed Carol (participant|moderator) none online$/)
      const late = await lateTab(setting)
      expect((await late.state(room)).occupants['Carol']).toEqual((await tabs[0].state(room)).occupants['Carol'])
    },
  ),

  conform(
    'O05',
    'What we ourselves may do is told to every tab, and is what each shows of itself.',
    async (setting) => {
      const { room, bob, account } = setting
      const tabs = await pairIn(setting)
      const told = await listening(setting, tabs)

      await setRole(bob, room, 'Juliet', 'visitor')
      await setRole(bob, room, 'Juliet', 'participant')
      await setAffiliation(bob, room, account, 'member')
      const found = await told()

      expect(changes(found)).toEqual([
        'occupant-changed Juliet visitor none online',
        'occupant-changed Juliet participant none online',
        'occupant-changed Juliet participant member online',
      ])
      expect(found.every(({ event }) => event.occupant.own && event.before.own)).toBe(true)
      for (const tab of [...tabs, await lateTab(setting)])
        expect((await tab.state(room)).self).toMatchObject({ role: 'participant', affiliation: 'member', own: true })
    },
  ),

  conform(
    'O06',
    'Who becomes a moderator, by role or by affiliation, sees the JIDs of the others in every tab, and afterwards not.',
    async (setting) => {
      const { room, bob, account } = setting
      const tabs = await pairIn(setting)
      await guest(setting, 'Carol')
      await settle(setting)
      const jids = async (): Promise<unknown[]> => {
        await settle(setting)
        const known = await Promise.all(tabs.map(async (tab) => (await tab.occupants(room))['Carol']?.jid))
        return known.map((jid) => jid !== undefined)
      }

      expect(await jids()).toEqual([false, false])
      await setRole(bob, room, 'Juliet', 'moderator')
      expect(await jids()).toEqual([true, true])
      await setRole(bob, room, 'Juliet', 'participant')
      expect(await jids()).toEqual([false, false])
      await setAffiliation(bob, room, account, 'admin')
      expect(await jids()).toEqual([true, true])
      for (const tab of tabs) expect((await tab.state(room)).self).toMatchObject({ role: 'moderator' })
    },
  ),

  conform(
    'O07',
    'Where a room begins to show JIDs to everybody every tab sees them, and where it ends that they are gone.',
    async (setting) => {
      const { room, bob } = setting
      const tabs = await pairIn(setting)
      const carol = await guest(setting, 'Carol')
      const jids = async (): Promise<unknown[]> => {
        await settle(setting)
        return Promise.all(tabs.map(async (tab) => (await tab.occupants(room))['Carol']?.jid))
      }

      expect(await jids()).toEqual([undefined, undefined])
      await configureRoom(bob, room, { 'muc#roomconfig_whois': 'anyone' })
      expect(await jids()).toEqual([carol.jid, carol.jid])
      const late = await setting.tab()
      expect((await late.join(room, NICK)).codes).toContain(100)
      await configureRoom(bob, room, { 'muc#roomconfig_whois': 'moderators' })
      expect(await jids()).toEqual([undefined, undefined])
      expect((await (await setting.tab()).join(room, NICK)).codes).not.toContain(100)
    },
  ),

  conform(
    'O08',
    'What somebody who is not there is to the room is told to every tab of a moderator, as a change of nobody present.',
    async (setting) => {
      const { room, bob, account } = setting
      await setAffiliation(bob, room, account, 'admin')
      const tabs = await pairIn(setting)
      const absent = bareJid(await setting.client('absent'))
      const told = await listening(setting, tabs)

      await setAffiliation(bob, room, absent, 'member')
      await setAffiliation(bob, room, absent, 'outcast', 'spam')
      const found = await told()

      expect(names(found)).toBe('affiliation-changed affiliation-changed')
      expect(found.map(({ event }) => [event.jid, event.affiliation])).toEqual([
        [absent, 'member'],
        [absent, 'outcast'],
      ])
      expect(Object.keys(await tabs[0].occupants(room)).sort()).toEqual(['Bob', 'Juliet'])
    },
  ),

  conform(
    'O09',
    'Hats are told to every tab, put on and taken off.',
    async (setting) => {
      const { room } = setting
      const tabs = await pairIn(setting)
      const carol = await guest(setting, 'Carol')
      await settle(setting)
      const told = await listening(setting, tabs)
      const hat = { uri: 'urn:hat:1', title: 'Host of the evening' }

      showIn(carol, `${room}/Carol`, el('hats', { xmlns: 'urn:xmpp:hats:0' }, el('hat', hat)))
      showIn(carol, `${room}/Carol`)
      const found = await told(carol)

      expect(names(found)).toBe('occupant-changed occupant-changed')
      expect(found.map(({ event }) => event.occupant.hats)).toEqual([[hat], []])
      expect(found.map(({ event }) => event.before.hats)).toEqual([[], [hat]])
    },
    { needs: ['hats'] },
  ),

  conform(
    'O10',
    'A later tab is shown each person as a client by itself would see them, whatever they show and are.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await setting.tabs(2)
      await first?.join(room, NICK)
      const carol = await setting.client('carol')
      await wearPicture(carol)
      await carol.join(room, 'Carol', { shown: [show('dnd'), status('writing')] })
      const dave = await guest(setting, 'Dave')
      await setAffiliation(bob, room, bareJid(dave), 'admin')
      await guest(setting, 'Erin')
      await setRole(bob, room, 'Erin', 'visitor')
      await bob.say(room, 'settled')
      await settle(setting)

      await second?.join(room, NICK)
      const picture = await second?.state(room)
      const raw = entryOf(await (await setting.device('phone')).join(room, 'Juliet'), room)

      const { Juliet: self, ...occupants } = picture?.occupants ?? {}
      const withoutOwn = Object.fromEntries(
        Object.entries(occupants).map(([nick, { own: _own, ownAccount: _account, ...person }]) => [nick, person]),
      )
      expect(withoutOwn).toEqual(raw.others)
      expect(raw.others['Carol']?.avatarHash).toMatch(/^[0-9a-f]{40}$/)
      const { role, affiliation, show: shown, occupantId } = self ?? {}
      expect({ role, affiliation, show: shown, occupantId }).toEqual({
        role: raw.self.role,
        affiliation: raw.self.affiliation,
        show: raw.self.show,
        occupantId: raw.self.occupantId,
      })
    },
  ),

  conform('O11', 'A kick is told to every tab once, with by whom and why, and the person is gone.', async (setting) => {
    const { room, bob } = setting
    const tabs = await pairIn(setting)
    await guest(setting, 'Carol')
    await settle(setting)
    const told = await listening(setting, tabs)

    await kick(bob, room, 'Carol', 'too loud')
    const found = await told()

    expect(names(found)).toBe('occupant-left')
    expect(found[0]?.event).toMatchObject({ occupant: { nick: 'Carol' }, kind: 'kicked', reason: 'too loud' })
    expect(['Bob', undefined]).toContain(found[0]?.event.actor)
    for (const tab of tabs) expect(Object.keys(await tab.occupants(room)).sort()).toEqual(['Bob', 'Juliet'])
  }),

  conform('O12', 'A ban is told to every tab once, with why, and the person is gone.', async (setting) => {
    const { room, bob } = setting
    const tabs = await pairIn(setting)
    const carol = await guest(setting, 'Carol')
    await settle(setting)
    const told = await listening(setting, tabs)

    await ban(bob, room, bareJid(carol), 'spam')
    const found = await told()

    expect(names(found)).toBe('occupant-left')
    expect(found[0]?.event).toMatchObject({ occupant: { nick: 'Carol' }, kind: 'banned', reason: 'spam' })
    for (const tab of tabs) expect(Object.keys(await tab.occupants(room)).sort()).toEqual(['Bob', 'Juliet'])
  }),

  conform(
    'O13',
    'Somebody who is no member any more leaves a room for members, and every tab is told why.',
    async (setting) => {
      const { room, bob } = setting
      const { tabs, carol } = await amongMembers(setting)
      const told = await listening(setting, tabs)

      await setAffiliation(bob, room, bareJid(carol), 'none')
      const found = await told()

      expect(names(found)).toBe('occupant-left')
      expect(found[0]?.event).toMatchObject({ occupant: { nick: 'Carol' }, kind: 'not-a-member' })
    },
  ),

  conform(
    'O14',
    'Where a room becomes one for members the others leave it, and every tab is told whom the room tells.',
    async (setting) => {
      const { room, bob, account } = setting
      await setAffiliation(bob, room, account, 'member')
      const tabs = await pairIn(setting)
      const carol = await guest(setting, 'Carol')
      await settle(setting)
      const told = await listening(setting, tabs)

      await configureRoom(bob, room, { 'muc#roomconfig_membersonly': true })
      const left = only(await told(carol), 'occupant-left')

      // Prosody 0.12 tells nobody but those who have to go.
      const gone = [carol, bob].map((client) => presencesOf(client, `${room}/Carol`, 0).includes('unavailable'))
      expect(gone[0]).toBe(true)
      expect(left.map(({ event }) => [event.occupant.nick, event.kind])).toEqual(
        gone[1] ? [['Carol', 'not-a-member']] : [],
      )
      for (const tab of tabs) expect((await tab.state(room)).state).toBe('in')
    },
  ),

  conform(
    'O15',
    'Somebody on two devices under one nick is one person: the second one comes and goes without being seen.',
    async (setting) => {
      const room = await setting.makeRoom({ 'muc#roomconfig_whois': 'anyone' })
      const tabs = await pairIn(setting, room)
      const carol = await guest(setting, 'Carol', room)
      await settle(setting)
      const told = await listening(setting, tabs, room)

      const twin = await setting.deviceOf(carol, 'tablet')
      await twin.join(room, 'Carol')
      await twin.leave(room, 'Carol')
      const found = await told(carol, twin)

      // On some servers the JID that is shown is the newest one's.
      expect(found.filter(({ name }) => name !== 'occupant-changed')).toEqual([])
      for (const tab of tabs) {
        const occupants = await tab.occupants(room)
        expect(Object.keys(occupants).sort()).toEqual(['Bob', 'Carol', 'Juliet'])
        expect(occupants['Carol']?.jid?.split('/')[0]).toBe(bareJid(carol))
      }
    },
  ),

  conform('O16', 'Another device of ours under our nick comes and goes, and no tab is told of it.', async (setting) => {
    const { wire } = setting
    for (const room of [setting.room, await setting.makeRoom({ 'muc#roomconfig_whois': 'anyone' })]) {
      const tabs = await pairIn(setting, room)
      const phone = await setting.device('phone')
      const told = await listening(setting, tabs, room)
      const mark = wire.frames.mark()

      await phone.join(room, 'Juliet')
      const joined = await told(phone)
      await phone.leave(room, 'Juliet')
      const left = await told(phone)

      expect(joined).toEqual([])
      expect(left).toEqual([])
      expect(sent(wire, mark).map(String)).toEqual([])
      for (const tab of tabs) {
        const { state, nick, self } = await tab.state(room)
        expect({ state, nick, own: self?.own }).toEqual({ state: 'in', nick: 'Juliet', own: true })
      }
      await phone.close()
    }
  }),

  conform(
    'O17',
    'Another device of ours under another nick is somebody of our account, as far as the room lets us know.',
    async (setting) => {
      const { room, can } = setting
      const open = await setting.makeRoom({ 'muc#roomconfig_whois': 'anyone' })
      const phone = await setting.device('phone')
      for (const [each, known] of [
        [room, can.has('occupant ids')],
        [open, true],
      ] as const) {
        const tabs = await pairIn(setting, each)
        const told = await listening(setting, tabs, each)

        await phone.join(each, 'Juliet on the phone')
        const joined = await told(phone)
        const toldMore = await listening(setting, tabs, each)
        await phone.leave(each, 'Juliet on the phone')
        const left = await toldMore(phone)

        expect(names(joined)).toBe('occupant-joined')
        expect(joined[0]?.event.occupant).toMatchObject({ nick: 'Juliet on the phone', own: false, ownAccount: known })
        expect(names(left)).toBe('occupant-left')
        for (const tab of tabs) expect((await tab.state(each)).nick).toBe('Juliet')
      }
    },
  ),

  conform(
    'O18',
    'The kick of another device of ours under another nick is its own: the tabs stay in.',
    async (setting) => {
      const { room, bob } = setting
      const tabs = await pairIn(setting)
      const phone = await setting.device('phone')
      await phone.join(room, 'Phone')
      await settle(setting)
      const told = await listening(setting, tabs)
      const mark = setting.wire.frames.mark()

      await kick(bob, room, 'Phone')
      const found = await told(phone)

      expect(names(found)).toBe('occupant-left')
      expect(found[0]?.event).toMatchObject({ occupant: { nick: 'Phone' }, kind: 'kicked' })
      for (const tab of tabs) expect((await tab.state(room)).state).toBe('in')
      expect(sent(setting.wire, mark).filter(isJoin)).toEqual([])
    },
  ),

  conform(
    'O19',
    'The id of an occupant stays over a new nick and a new visit, and is the one that others see.',
    async (setting) => {
      const { room, bob } = setting
      const [tab] = await pairIn(setting)
      const carol = await guest(setting, 'Carol')
      await settle(setting)
      const id = (await tab.occupants(room))['Carol']?.occupantId

      showIn(carol, `${room}/Caroline`)
      await roomBarrier(carol, `${room}/Caroline`)
      await settle(setting)
      const renamed = (await tab.occupants(room))['Caroline']?.occupantId
      await carol.leave(room, 'Caroline')
      await carol.join(room, 'Carol')
      await settle(setting)
      const returned = (await tab.occupants(room))['Carol']?.occupantId

      expect(id).toEqual(expect.any(String))
      expect([renamed, returned]).toEqual([id, id])
      const seen = bob.received().findLast(({ attrs }) => attrs['from'] === `${room}/Carol`)
      expect(seen?.getChild('occupant-id')?.attrs['id']).toBe(id)
    },
    { needs: ['occupant ids'] },
  ),

  conform('O20', 'An id that an occupant has put into a presence by themselves is not believed.', async (setting) => {
    const { room } = setting
    const tabs = await pairIn(setting)
    const carol = await setting.client('carol')
    const forged = el('occupant-id', { xmlns: 'urn:xmpp:occupant-id:0', id: 'forged' })
    const known = (await tabs[0].occupants(room))['Juliet']?.occupantId ?? 'none'
    const ours = el('occupant-id', { xmlns: 'urn:xmpp:occupant-id:0', id: known })

    await carol.join(room, 'Carol', { shown: [forged] })
    const dave = await setting.client('dave')
    await dave.join(room, 'Dave', { shown: [ours] })
    await settle(setting)

    for (const tab of [...tabs, await lateTab(setting)]) {
      const { Carol, Dave } = await tab.occupants(room)
      expect(Carol?.occupantId).not.toBe('forged')
      expect(Dave?.occupantId).not.toBe(known)
      expect([Carol?.ownAccount, Dave?.ownAccount]).toEqual([false, false])
    }
  }),

  conform('O21', 'What a room itself shows of itself is no occupant.', async (setting) => {
    const { room, bob } = setting
    const tabs = await pairIn(setting)
    const told = await listening(setting, tabs)

    await configureRoom(bob, room, { 'muc#roomconfig_roomname': 'The garden' })
    const found = await told()

    expect(names(found)).toMatch(/^config( config)*$/)
    for (const tab of tabs) expect(Object.keys(await tab.occupants(room)).sort()).toEqual(['Bob', 'Juliet'])
  }),
]
