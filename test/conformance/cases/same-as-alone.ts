// Row R2; check 3: what a tab gets is what a client by itself gets.
import { expect } from 'expect'
import type { Tab } from '../../support/browser/tab.ts'
import { type Element, el, type RawClient } from '../../support/raw-client.ts'
import {
  configureRoom,
  kick,
  roomBarrier,
  setAffiliation,
  setRole,
  setSubject,
  showIn,
} from '../../support/raw-room.ts'
import { comparable, entryOfTab, mustBeLikeAlone, peopleIn, witnessOf } from '../alone.ts'
import { type Case, conform, type Setting } from '../case.ts'
import { heardBy, toldTo } from '../hearing.ts'
import { bareJid, NICK, settle, tabsIn } from '../steps.ts'
import { personOf } from '../witness.ts'

const NS_HATS = 'urn:xmpp:hats:0'
const show = (text: string): Element => el('show', {}, text)
const status = (text: string): Element => el('status', {}, text)
const avatar = (hash: string): Element => el('x', { xmlns: 'vcard-temp:x:update' }, el('photo', {}, hash))
const hats = (...titles: readonly string[]): Element =>
  el('hats', { xmlns: NS_HATS }, ...titles.map((title) => el('hat', { uri: `urn:hat:${title}`, title })))

interface Crowd {
  readonly ann: RawClient
  readonly max: RawClient
  readonly vic: RawClient
}

/** An admin, a member and a visitor beside Bob, each of whom shows something else. */
async function crowd(setting: Setting, room = setting.room): Promise<Crowd> {
  const { bob } = setting
  const [ann, max, vic] = await Promise.all(['ann', 'max', 'vic'].map((name) => setting.client(name)))
  if (!ann || !max || !vic) throw new Error('three are to come')
  await setAffiliation(bob, room, bareJid(ann), 'admin')
  await setAffiliation(bob, room, bareJid(max), 'member')
  await ann.join(room, 'Ann', { shown: [show('away'), status('back & forth <soon>')] })
  await max.join(room, 'Max', {
    shown: [show('dnd'), avatar('da39a3ee5e6b4b0d3255bfef95601890afd80709'), hats('Host')],
  })
  await vic.join(room, 'Vic é', { shown: [show('xa'), status('écouter'), hats('Guest', 'Singer')] })
  await setRole(bob, room, 'Vic é', 'visitor')
  showIn(bob, `${room}/Bob`, show('chat'), status('the host'))
  await roomBarrier(bob, `${room}/Bob`)
  return { ann, max, vic }
}

/** One more tab, which joins. */
async function late(setting: Setting, options = {}): Promise<Tab> {
  const tab = await setting.tab()
  await tab.join(setting.room, { ...NICK, ...options })
  return tab
}

const said = async (client: RawClient, room: string, ...texts: readonly string[]): Promise<void> => {
  for (const text of texts) await client.say(room, text)
}

export const sameAsAlone: readonly Case[] = [
  conform(
    'X01',
    'The second and the third tab get the history, its ids and authors, and the subject, as a client by itself does.',
    async (setting) => {
      const { room, bob } = setting
      const { ann } = await crowd(setting)
      for (let n = 1; n <= 12; n++) await said(n % 3 === 0 ? ann : bob, room, `before ${n} <&> "é"`)
      await setSubject(bob, room, 'Verona & Mantua')
      const [first] = await tabsIn(setting, 1)
      await said(ann, room, 'live 1', 'live 2')
      await first?.send(room, 'live 3, of the first tab')
      const second = await late(setting)
      await said(bob, room, 'live 4')
      await settle(setting)
      const [ofSecond, atSecond] = [await entryOfTab(second, room), 15]
      const third = await late(setting)

      const alone = await mustBeLikeAlone(setting, [third])

      expect(alone.history).toHaveLength(16)
      expect(ofSecond.history.map(({ id }) => id)).toEqual(alone.history.slice(0, atSecond).map(({ id }) => id))
    },
  ),

  conform(
    'X02',
    'No tab gets more history than a client by itself, though the others have more, and all get the newest.',
    async (setting) => {
      const { room, bob } = setting
      for (let n = 1; n <= 18; n++) await bob.say(room, `before ${n}`)
      const [first] = await tabsIn(setting, 1)
      for (let n = 1; n <= 9; n++) await bob.say(room, `live ${n}`)
      await first?.untilMessage('live 9')
      const [second, third] = [await late(setting), await late(setting)]

      const alone = await mustBeLikeAlone(setting, [second, third])

      expect(alone.history).toHaveLength(20)
      expect(alone.history.at(-1)?.body).toBe('live 9')
    },
  ),

  conform(
    'X03',
    'Where JIDs are hidden every tab sees the same people as a client by itself: shows, statuses, standings, avatars.',
    async (setting) => {
      await crowd(setting)
      const tabs = await tabsIn(setting, 3)

      const alone = await mustBeLikeAlone(setting, tabs)

      expect(Object.keys(alone.others).sort()).toEqual(['Ann', 'Bob', 'Max', 'Vic é'])
      expect(Object.values(alone.others).filter(({ jid }) => jid !== undefined)).toEqual([])
      expect(alone.others['Max']).toMatchObject({ show: 'dnd', affiliation: 'member' })
      expect(alone.others['Vic é']).toMatchObject({ show: 'xa', role: 'visitor', status: 'écouter' })
      expect(alone.codes).not.toContain(100)
    },
  ),

  conform(
    'X04',
    'Where everybody sees JIDs so does every tab, and each is told so.',
    async (setting) => {
      const { ann } = await crowd(setting)
      const tabs = await tabsIn(setting, 3)

      const alone = await mustBeLikeAlone(setting, tabs)

      expect(alone.codes).toContain(100)
      expect(alone.others['Ann']?.jid).toBe(ann.jid)
    },
    { fields: { 'muc#roomconfig_whois': 'anyone' } },
  ),

  conform(
    'X05',
    'A moderator sees the hidden JIDs in every tab, also where the account became one while it was in.',
    async (setting) => {
      const { room, bob } = setting
      const { max } = await crowd(setting)
      const [first] = await tabsIn(setting, 1)
      await setAffiliation(bob, room, setting.account, 'admin')
      await first?.sees({ room, name: 'occupant-changed', event: { occupant: { nick: 'Max', jid: max.jid } } })
      const [second, third] = [await late(setting), await late(setting)]

      const alone = await mustBeLikeAlone(setting, [second, third])

      expect(alone.others['Max']?.jid).toBe(max.jid)
      expect(alone.self).toMatchObject({ role: 'moderator', affiliation: 'admin' })
      expect(first && (await peopleIn(first, room))).toEqual(alone.others)
    },
  ),

  conform(
    'X06',
    'Hats are the same in every tab, those that were there before and those put on since.',
    async (setting) => {
      const { room } = setting
      const { ann } = await crowd(setting)
      const [first] = await tabsIn(setting, 1)
      showIn(ann, `${room}/Ann`, show('away'), hats('Judge'))
      await first?.sees({ room, name: 'occupant-changed', event: { occupant: { nick: 'Ann' } } })
      const [second, third] = [await late(setting), await late(setting)]

      const alone = await mustBeLikeAlone(setting, [second, third])

      expect(alone.others['Ann']?.hats).toEqual([{ uri: 'urn:hat:Judge', title: 'Judge' }])
      expect(alone.others['Vic é']?.hats).toHaveLength(2)
      expect(first && (await peopleIn(first, room))).toEqual(alone.others)
    },
    { needs: ['hats'] },
  ),

  conform(
    'X07',
    'Behind a password a tab that gives it, or gives another or none, gets what a client by itself gets for the right one.',
    async (setting) => {
      const { room, bob } = setting
      await crowd(setting)
      const locked = { 'muc#roomconfig_passwordprotectedroom': true, 'muc#roomconfig_roomsecret': 'capulet' }
      await configureRoom(bob, room, locked)
      await said(bob, room, 'the password is a secret')
      await setSubject(bob, room, 'behind a door')
      const first = await late(setting, { password: 'capulet' })
      const second = await late(setting, { password: 'montague' })
      const third = await late(setting)

      const alone = await mustBeLikeAlone(setting, [first, second, third], { password: 'capulet' })

      expect(alone.history).toHaveLength(1)
      expect(alone.subject.text).toBe('behind a door')
    },
  ),

  conform(
    'X08',
    'In a moderated room where we may only listen every tab has the role that a client by itself is given.',
    async (setting) => {
      const { room, bob } = setting
      await crowd(setting)
      const [first] = await tabsIn(setting, 1)
      await setRole(bob, room, 'Juliet', 'visitor')
      await settle(setting)
      const [second, third] = [await late(setting), await late(setting)]

      const alone = await mustBeLikeAlone(setting, [second, third])

      expect(alone.self).toMatchObject({ role: 'visitor', affiliation: 'none' })
      expect((await first?.state(room))?.self).toMatchObject({ role: 'visitor', affiliation: 'none' })
    },
    { fields: { 'muc#roomconfig_moderatedroom': true } },
  ),

  conform(
    'X09',
    'What the account shows of itself is in each join as a client by itself would show it, with a status.',
    async (setting) => {
      await crowd(setting)
      const [first] = await tabsIn(setting, 1)
      await first?.account('setPresence', { show: 'away', status: 'in the garden' })
      await settle(setting)
      const [second, third] = [await late(setting), await late(setting)]

      const alone = await mustBeLikeAlone(setting, [second, third], { shown: [show('away'), status('in the garden')] })

      expect(alone.self).toMatchObject({ show: 'away', status: 'in the garden' })
    },
  ),

  conform(
    'X10',
    'With another device under our nick, and one under a nick of its own, tabs see whom a client by itself sees.',
    async (setting) => {
      const { room } = setting
      await crowd(setting)
      const [first] = await tabsIn(setting, 1)
      const phone = await setting.device('phone')
      await phone.join(room, 'Juliet')
      const tablet = await setting.device('tablet')
      await tablet.join(room, 'Juliet on the sofa', { shown: [show('dnd')] })
      await settle(setting)
      const [second, third] = [await late(setting), await late(setting)]

      const alone = await mustBeLikeAlone(setting, [second, third])

      expect(alone.others['Juliet on the sofa']).toMatchObject({ show: 'dnd' })
      expect(alone.others['Juliet']).toBeUndefined()
      expect(first && (await peopleIn(first, room))).toEqual(alone.others)
    },
  ),

  conform(
    'X11',
    'After much has happened the tab that saw it live has what a client by itself finds, and so have those that come then.',
    async (setting) => {
      const { room, bob } = setting
      const { ann, max, vic } = await crowd(setting)
      await said(bob, room, 'before')
      const [first] = await tabsIn(setting, 1)
      if (!first) throw new Error('there is to be a tab')

      showIn(ann, `${room}/Anna`, show('away'))
      await roomBarrier(ann, `${room}/Anna`)
      await said(ann, room, 'I am Anna now')
      await kick(bob, room, 'Max', 'a pause')
      await setRole(bob, room, 'Vic é', 'participant')
      showIn(vic, `${room}/Vic é`, status('singing'))
      await roomBarrier(vic, `${room}/Vic é`)
      await setSubject(bob, room, 'first')
      await said(vic, room, 'la la')
      await max.join(room, 'Maximilian', { shown: [show('chat')] })
      await setAffiliation(bob, room, bareJid(vic), 'admin')
      await first.send(room, 'well')
      await first.account('setPresence', { show: 'xa' })
      await setSubject(bob, room, 'second')
      await ann.leave(room, 'Anna')
      await ann.join(room, 'Ann')
      showIn(bob, `${room}/Bob`)
      await roomBarrier(bob, `${room}/Bob`)
      await settle(setting)
      const [second, third] = [await late(setting), await late(setting)]

      const alone = await mustBeLikeAlone(setting, [second, third], { shown: [show('xa')] })

      expect(Object.keys(alone.others).sort()).toEqual(['Ann', 'Bob', 'Maximilian', 'Vic é'])
      expect(await peopleIn(first, room)).toEqual(alone.others)
      const { self, subject } = await first.state(room)
      expect(self).toMatchObject({ show: 'xa', role: alone.self.role, affiliation: alone.self.affiliation })
      expect(subject).toMatchObject({ text: 'second', nick: 'Bob' })
      expect(alone.subject).toMatchObject({ text: 'second', nick: 'Bob' })
    },
  ),

  conform(
    'X12',
    'What happens in the room is told to each tab as a client in the room hears it: the same things, in the same order.',
    async (setting) => {
      const { room, bob } = setting
      const { ann, max, vic } = await crowd(setting)
      const witness = await setting.device('witness')
      const entry = await witness.join(room, 'Juliet')
      const people = entry.filter((s) => s.is('presence') && s.getChild('x')).map(personOf)
      const tabs = await tabsIn(setting, 3)
      await settle(setting)
      await witness.barrier()
      const since = witness.mark()
      const marks = await Promise.all(tabs.map((tab) => tab.mark()))

      await said(ann, room, 'one')
      showIn(ann, `${room}/Ann`, show('chat'))
      showIn(ann, `${room}/Anna`, show('chat'))
      await roomBarrier(ann, `${room}/Anna`)
      await said(ann, room, 'two')
      await setRole(bob, room, 'Max', 'visitor')
      await setSubject(bob, room, 'now')
      await max.leave(room, 'Max')
      await max.join(room, 'Max', { shown: [status('again')] })
      await kick(bob, room, 'Vic é', 'enough')
      await vic.join(room, 'Vic')
      await said(vic, room, 'sorry')
      await setAffiliation(bob, room, bareJid(vic), 'outcast', 'really enough')
      await settle(setting)
      await witness.barrier()

      const heard = heardBy(witness.received(since), room, people)
      expect(heard).toHaveLength(12)
      for (const [at, tab] of tabs.entries()) expect(toldTo(await tab.toldSince(marks[at] ?? 0, room))).toEqual(heard)
    },
  ),

  conform(
    'X13',
    'Whatever limits a tab sets for its history, it gets what the room gives a client by itself for the same ones.',
    async (setting) => {
      const { room, bob } = setting
      for (let n = 1; n <= 8; n++) await bob.say(room, `before ${n}`)
      const [first] = await tabsIn(setting, 1)
      for (let n = 1; n <= 4; n++) await bob.say(room, `live ${n}`)
      await first?.untilMessage('live 4')
      const inWords = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
      const [soon, lately] = [inWords(Date.now() + 60_000), inWords(Date.now() - 3_600_000)]
      const wishes = [
        [{ maxstanzas: 5 }, { maxstanzas: 5 }],
        [{ seconds: 3_600 }, { seconds: 3_600 }],
        [{ since: Date.parse(soon) }, { since: soon }],
        [
          { seconds: 3_600, maxstanzas: 2 },
          { seconds: 3_600, maxstanzas: 2 },
        ],
        [{ maxchars: 0 }, { maxchars: 0 }],
        [
          { since: Date.parse(lately), maxstanzas: 11 },
          { since: lately, maxstanzas: 11 },
        ],
      ] as const

      const found: [number, number][] = []
      for (const [at, [history, raw]] of wishes.entries()) {
        const tab = await late(setting, { history })
        const alone = await witnessOf(setting, { history: raw }, room, `witness-${at}`)
        expect(comparable(await entryOfTab(tab, room)).history).toEqual(comparable(alone).history)
        found.push([at, alone.history.length])
        await settle(setting)
      }
      expect(found).toEqual([
        [0, 5],
        [1, 12],
        [2, 0],
        [3, 2],
        [4, 0],
        [5, 11],
      ])
    },
    { deadlineMs: 60_000 },
  ),

  conform(
    'X14',
    'After the connection broke, and much changed meanwhile, old tabs and new ones have what a client by itself finds.',
    async (setting) => {
      const { room, wire, bob } = setting
      const { ann, max, vic } = await crowd(setting)
      await said(bob, room, 'before')
      const [first, second] = await tabsIn(setting, 2)
      if (!first || !second) throw new Error('there are to be two tabs')
      wire.refuse(true)
      wire.cut({ how: 'reset' })
      await first.sees({ name: 'interrupted' })

      await said(ann, room, 'meanwhile 1', 'meanwhile 2')
      showIn(vic, `${room}/Vic é`, show('dnd'), hats('Judge'))
      await kick(bob, room, 'Max')
      await max.join(room, 'Maxi')
      await ann.leave(room, 'Ann')
      await setSubject(bob, room, 'meanwhile')
      wire.refuse(false)
      await first.sees({ name: 'resumed' })
      await settle(setting)
      const third = await late(setting)

      const alone = await mustBeLikeAlone(setting, [third])

      expect(Object.keys(alone.others).sort()).toEqual(['Bob', 'Maxi', 'Vic é'])
      for (const tab of [first, second]) {
        expect(await peopleIn(tab, room)).toEqual(alone.others)
        expect((await tab.state(room)).subject).toMatchObject({ text: 'meanwhile', nick: 'Bob' })
      }
      expect(alone.history.map(({ body }) => body)).toEqual(['before', 'meanwhile 1', 'meanwhile 2'])
    },
    { resumes: false },
  ),

  conform(
    'X15',
    'A limit by characters counts whole messages, not their texts alone, for a tab as for a client by itself.',
    async (setting) => {
      const { room, bob } = setting
      const long = (n: number): string => `${n} `.padEnd(2_000, 'x')
      for (let n = 1; n <= 3; n++) await bob.say(room, long(n))
      const [first] = await tabsIn(setting, 1)
      for (let n = 4; n <= 6; n++) await bob.say(room, long(n))
      await settle(setting)
      expect((await first?.told(room))?.filter(({ name }) => name === 'message')).toHaveLength(6)
      // Four texts alone would fit, four messages do not, and three do however they are written.
      const history = { maxchars: 8_000 }
      const second = await late(setting, { history })

      const alone = await mustBeLikeAlone(setting, [second], { history })

      expect(alone.history.map(({ body }) => body.split(' ', 1)[0])).toEqual(['4', '5', '6'])
    },
  ),
]
