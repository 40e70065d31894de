// Rows R13, R28, R35; checks 26 and 72.
import { expect } from 'expect'
import type { Tab } from '../../support/browser/tab.ts'
import { el, type RawClient } from '../../support/raw-client.ts'
import { type Case, conform, type Setting } from '../case.ts'
import { bodies, guest, NICK, only, pairIn, refused, settle, tabsIn, untilTabsAre } from '../steps.ts'
import { displayedMarks, sent } from '../wire.ts'

const NS_MDS = 'urn:xmpp:mds:displayed:0'
const NS_MARKERS = 'urn:xmpp:chat-markers:0'
const NS_PUBSUB = 'http://jabber.org/protocol/pubsub'

/** What a tab says of a room: how many messages nobody has seen, and how many of them mention us. */
async function counts(tab: Tab, room: string): Promise<[unread: number, mentions: number]> {
  const { unread, mentions } = await tab.state(room)
  return [unread, mentions]
}

async function untilUnread(tab: Tab, room: string, unread: number, since = 0): Promise<void> {
  await tab.sees({ name: 'unread', event: { room, unread } }, { since })
}

/** Two tabs in the room, at which nobody looks. */
async function hiddenPair(setting: Setting): Promise<[Tab, Tab]> {
  const pair = await pairIn(setting)
  for (const tab of pair) await tab.show(false)
  await settle(setting)
  return pair
}

/** The id that the room gave a message that a tab was told of. */
const idOf = async (tab: Tab, body: string): Promise<string> => (await tab.untilMessage(body)).event.id

/** How far the account has read in a room, as its server says. */
async function displayedIn(phone: RawClient, room: string): Promise<string | undefined> {
  const items = el('pubsub', { xmlns: NS_PUBSUB }, el('items', { node: NS_MDS }))
  const answer = await phone.request(el('iq', { type: 'get' }, items)).catch(() => undefined)
  const item = answer
    ?.getChild('pubsub', NS_PUBSUB)
    ?.getChild('items')
    ?.getChildren('item')
    .find(({ attrs }) => attrs['id'] === room)
  return item?.getChild('displayed', NS_MDS)?.getChild('stanza-id')?.attrs['id']
}

export async function untilDisplayed(phone: RawClient, room: string, id: string): Promise<void> {
  const lastMs = performance.now() + 10_000
  for (;;) {
    const found = await displayedIn(phone, room)
    if (found === id) return
    if (performance.now() > lastMs) throw new Error(`displayed is ${found}, not ${id}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Another device has read so far. @param by whose archive gave the message that id */
export async function display(phone: RawClient, room: string, id: string, by = room): Promise<void> {
  const said = el('displayed', { xmlns: NS_MDS }, el('stanza-id', { xmlns: 'urn:xmpp:sid:0', by, id }))
  const item = el('publish', { node: NS_MDS }, el('item', { id: room }, said))
  await phone.request(el('iq', { type: 'set' }, el('pubsub', { xmlns: NS_PUBSUB }, item)))
}

/** Longer than the pause before what was read is published. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1_500))

export const unread: readonly Case[] = [
  conform(
    'U01',
    'What nobody sees is counted in every tab, with what mentions us, and reading it in one tab clears it in all.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await hiddenPair(setting)
      await bob.say(room, 'one')
      await bob.say(room, 'Juliet: two')
      for (const tab of [first, second]) {
        await untilUnread(tab, room, 2)
        expect(await counts(tab, room)).toEqual([2, 1])
        const told = only(await tab.told(), 'unread').map(({ event }) => event)
        expect(told.at(-1)).toEqual({ room, unread: 2, mentions: 1 })
      }

      await second.show(true)
      for (const tab of [first, second]) {
        await untilUnread(tab, room, 0)
        expect(await counts(tab, room)).toEqual([0, 0])
      }
    },
  ),

  conform(
    'U02',
    'A message is read where some tab that is visible shows its room; a room that no tab shows is not read.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await pairIn(setting)
      await second.show(false)
      await settle(setting)
      await bob.say(room, 'seen')
      await settle(setting)
      expect(only(await second.told(), 'unread')).toEqual([])

      await first.room(room, 'setShown', false)
      await bob.say(room, 'not seen')
      for (const tab of [first, second]) await untilUnread(tab, room, 1)
      await first.room(room, 'setShown', true)
      for (const tab of [first, second]) await untilUnread(tab, room, 0)
    },
  ),

  conform(
    'U03',
    'What was said before the account first came is not unread; who says something has read everything.',
    async (setting) => {
      const { room, bob } = setting
      await bob.say(room, 'long ago')
      const tab = await setting.openTab()
      await tab.show(false)
      await setting.connect(tab)
      await tab.join(room, NICK)
      await settle(setting)
      expect(await counts(tab, room)).toEqual([0, 0])

      await bob.say(room, 'now')
      await untilUnread(tab, room, 1)
      await tab.send(room, 'yes')
      expect(await counts(tab, room)).toEqual([0, 0])
    },
  ),

  conform(
    'U04',
    'An app that marks a message as displayed leaves what is behind it unread; an older one changes nothing.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await hiddenPair(setting)
      for (const body of ['m1', 'm2', 'm3', 'Juliet: m4']) await bob.say(room, body)
      await untilUnread(second, room, 4)

      await first.room(room, 'markDisplayed', await idOf(first, 'm2'))
      for (const tab of [first, second]) {
        await untilUnread(tab, room, 2)
        await settle(setting)
        expect(await counts(tab, room)).toEqual([2, 1])
      }
      await second.room(room, 'markDisplayed', await idOf(second, 'm1'))
      await settle(setting)
      expect(await counts(first, room)).toEqual([2, 1])
      const error = await refused(first.room(room, 'markDisplayed', 'nobody-said-this'))
      expect(error.facts).toMatchObject({ code: 'stanza-error', condition: 'item-not-found' })

      await first.room(room, 'markDisplayed', await idOf(first, 'Juliet: m4'))
      expect(await counts(first, room)).toEqual([0, 0])
    },
  ),

  conform(
    'U05',
    'What is read in a tab is known to the other devices of the account, once, and an older message never lowers it.',
    async (setting) => {
      const { room, bob, wire } = setting
      const other = await setting.makeRoom()
      const [first] = await hiddenPair(setting)
      await first.join(other, NICK)
      const phone = await setting.device('phone')
      for (const body of ['m1', 'm2', 'm3']) await bob.say(room, body)
      await bob.say(other, 'elsewhere')
      await untilUnread(first, room, 3)
      const mark = wire.frames.mark()

      await first.room(room, 'markDisplayed', await idOf(first, 'm2'))
      await untilDisplayed(phone, room, await idOf(first, 'm2'))
      await first.room(room, 'markDisplayed', await idOf(first, 'm1'))
      await pause()
      expect(await displayedIn(phone, room)).toBe(await idOf(first, 'm2'))
      expect(await displayedIn(phone, other)).toBeUndefined()

      await first.show(true)
      await untilDisplayed(phone, room, await idOf(first, 'm3'))
      await untilDisplayed(phone, other, await idOf(first, 'elsewhere'))
      await settle(setting)
      // One more for what the server did not understand at first.
      expect([3, 4]).toContain(displayedMarks(wire, mark).length)
    },
  ),

  conform(
    'U06',
    'What another device reads is read in all tabs, and nothing is published because of it.',
    async (setting) => {
      const { room, bob, wire } = setting
      const [first, second] = await hiddenPair(setting)
      const phone = await setting.device('phone')
      for (const body of ['m1', 'm2', 'm3']) await bob.say(room, body)
      await untilUnread(second, room, 3)
      const mark = wire.frames.mark()
      const marks = await Promise.all([first.mark(), second.mark()])

      await display(phone, room, await idOf(first, 'm2'))
      // As long as nobody looks a server may keep that (XEP-0352); somebody does, at something else.
      await first.room(room, 'setShown', false)
      await first.show(true)
      for (const [at, tab] of [first, second].entries()) await untilUnread(tab, room, 1, marks[at])
      const since = await second.mark()
      await display(phone, room, await idOf(first, 'm3'))
      await untilUnread(second, room, 0, since)
      await pause()
      expect(displayedMarks(wire, mark)).toEqual([])
    },
  ),

  conform(
    'U07',
    'A notification is made by one tab alone, the one that the person was at last, and by none where somebody sees the message.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second, third] = await tabsIn(setting, 3)
      if (!first || !second || !third) throw new Error('there are to be three tabs')
      const all = [first, second, third]
      await bob.say(room, 'Juliet: seen')
      await settle(setting)
      await second.show(false)
      await second.show(true)
      for (const tab of [first, third, second]) await tab.show(false)
      await settle(setting)
      for (const tab of all) expect(only(await tab.told(), 'notify')).toEqual([])

      await bob.say(room, 'nothing for you')
      await bob.say(room, 'Juliet: where are you?')
      await second.sees({ name: 'notify', event: { room, reason: 'mention' } })
      await second.close()
      await untilTabsAre(2, first)
      await third.send(room, 'here')
      const message = el('body', {}, 'psst')
      const x = el('x', { xmlns: 'http://jabber.org/protocol/muc#user' })
      bob.send(el('message', { to: `${room}/Juliet`, type: 'chat', id: 'w1' }, message, x))
      await third.sees({ name: 'notify', event: { reason: 'private', message: { body: 'psst', history: false } } })
      await settle(setting, first, third)
      expect(only(await first.told(), 'notify')).toEqual([])
      expect(only(await third.told(), 'notify')).toHaveLength(1)
    },
  ),

  conform(
    'U08',
    'A room that a bookmark keeps is counted though no tab has joined it; the tab that joins gets what was said, and the room sees nothing.',
    async (setting) => {
      const { room, bob, wire } = setting
      const [first, second] = await setting.tabs(2)
      if (!first || !second) throw new Error('there are to be two tabs')
      await first.state(room)
      await first.bookmarks('set', { room, autojoin: true, nick: 'Juliet' })
      await first.sees({ name: 'membership', event: { room, change: 'joined' } })
      await bob.say(room, 'one')
      await bob.say(room, 'Juliet: two')
      for (const tab of [first, second]) await untilUnread(tab, room, 2)
      expect(await counts(first, room)).toEqual([2, 1])
      // Asked for only now.
      expect(await counts(second, room)).toEqual([2, 1])
      await settle(setting)
      const mark = wire.frames.mark()

      await second.join(room, NICK)
      await untilUnread(first, room, 0)
      await settle(setting)
      expect(bodies(await second.told(room))).toEqual(['one', 'Juliet: two'])
      expect(sent(wire, mark).filter((stanza) => stanza.attrs['to']?.startsWith(room))).toEqual([])
    },
  ),

  conform(
    'U09',
    'The counts outlive the worker, and a tab that is opened later has them.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await hiddenPair(setting)
      for (const body of ['m1', 'm2', 'Juliet: m3']) await bob.say(room, body)
      for (const tab of [first, second]) await untilUnread(tab, room, 3)
      await settle(setting)
      const marks = await Promise.all([first.mark(), second.mark()])

      await first.killWorker()
      for (const [at, tab] of [first, second].entries())
        await tab.sees({ name: 'resumed' }, { since: marks[at] ?? 0, ms: 30_000 })
      for (const tab of [first, second]) expect(await counts(tab, room)).toEqual([3, 1])
      const later = await setting.openTab()
      await later.show(false)
      await setting.connect(later)
      expect(await counts(later, room)).toEqual([3, 1])
      await bob.say(room, 'm4')
      for (const tab of [first, second, later]) {
        await untilUnread(tab, room, 4)
        expect(await counts(tab, room)).toEqual([4, 1])
      }
    },
    { deadlineMs: 60_000, mortal: true },
  ),

  conform(
    'U10',
    'What another device read while the account was signed out is read at the next sign-in.',
    async (setting) => {
      const { room, bob } = setting
      const [first] = await hiddenPair(setting)
      for (const body of ['m1', 'm2', 'm3']) await bob.say(room, body)
      await untilUnread(first, room, 3)
      const id = await idOf(first, 'm2')
      await first.account('logout')
      const phone = await setting.device('phone')
      await display(phone, room, id)

      const later = await setting.openTab()
      await later.show(false)
      await setting.connect(later)
      await later.join(room, NICK)
      await later.sees({ name: 'unread', event: { room, unread: 1 } })
      await settle(setting, later)
      expect(await counts(later, room)).toEqual([1, 0])
    },
    { deadlineMs: 60_000 },
  ),

  conform(
    'U11',
    'Who wants to know whether a message is seen is told, once for all tabs, and not before.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await hiddenPair(setting)
      const seen = bob.mark()
      const markers = () => bob.received(seen).flatMap((stanza) => stanza.getChild('displayed', NS_MARKERS) ?? [])
      const markable = el('markable', { xmlns: NS_MARKERS })
      bob.send(el('message', { to: room, type: 'groupchat', id: 'k1' }, el('body', {}, 'see me'), markable))
      await untilUnread(first, room, 1)
      await pause()
      expect(markers()).toEqual([])

      for (const tab of [first, second]) await tab.show(true)
      await bob.waitFor((stanza) => stanza.getChild('displayed', NS_MARKERS) !== undefined, { what: 'a marker' })
      await pause()
      await settle(setting)
      expect(markers().map(({ attrs }) => attrs['id'])).toEqual([await idOf(first, 'see me')])
    },
  ),

  conform(
    'U12',
    'What was missed while there was no connection is unread, too.',
    async (setting) => {
      const { room, bob, wire } = setting
      const [first, second] = await hiddenPair(setting)
      await bob.say(room, 'm1')
      await untilUnread(first, room, 1)
      const since = await first.mark()
      wire.refuse(true)
      wire.cut({ how: 'reset' })
      await first.sees({ name: 'interrupted' }, { since })
      for (const body of ['m2', 'm3', 'm4']) await bob.say(room, body)
      await guest(setting, 'Carol')
      wire.refuse(false)
      for (const tab of [first, second]) await untilUnread(tab, room, 4)
      await settle(setting)
      for (const tab of [first, second]) expect(await counts(tab, room)).toEqual([4, 0])
    },
    { resumes: false, deadlineMs: 60_000 },
  ),
]
