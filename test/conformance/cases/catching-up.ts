// Rows R8, R33, R36; checks 51, 64; the archive and its gaps.
import { expect } from 'expect'
import type { Tab } from '../../support/browser/tab.ts'
import { el } from '../../support/raw-client.ts'
import { configurationForm, configureRoom } from '../../support/raw-room.ts'
import { type Case, conform, type Setting } from '../case.ts'
import { bodies, NICK, names, only, pairIn, settle } from '../steps.ts'
import { asks, isJoin, sent } from '../wire.ts'

const NS_MAM = 'urn:xmpp:mam:2'

/** Bob says so many things; the last of them has arrived when this resolves. */
async function chatter({ bob, room }: Setting, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at++)
    bob.send(el('message', { to: room, type: 'groupchat', id: `m${at}` }, el('body', {}, `m${at}`)))
  await bob.say(room, `m${to}`)
}

const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, at) => `m${from + at}`)

/** Away until the rule is taken off. */
async function away({ wire }: Setting, tab: Tab): Promise<() => void> {
  const since = await tab.mark()
  wire.refuse(true)
  wire.cut({ how: 'reset' })
  await tab.sees({ name: 'interrupted' }, { since })
  return () => wire.refuse(false)
}

/** Switches the archive of a room off, by whichever name the server has for it. */
async function keepNothing({ bob }: Setting, room: string): Promise<void> {
  const form = await configurationForm(bob, room)
  const names = form.getChildren('field').map((field) => field.attrs['var'] ?? '')
  const name = ['muc#roomconfig_enablearchiving', 'mam'].find((each) => names.includes(each))
  if (name === undefined) throw new Error(`no room can do without an archive; there are ${names.join(', ')}`)
  await configureRoom(bob, room, { 'muc#roomconfig_moderatedroom': false, [name]: false })
}

export const catchingUp: readonly Case[] = [
  conform(
    'C01',
    'Messages of a long outage are read up from the archive, page by page: each once, in order, before what is live.',
    async (setting) => {
      const { room } = setting
      const [first, second] = await pairIn(setting)
      await chatter(setting, 1, 3)
      await second.untilMessage('m3')
      const back = await away(setting, first)
      await chatter(setting, 4, 270)
      back()
      await first.sees({ room, name: 'catching-up', event: { active: true } }, { ms: 20_000 })
      await chatter(setting, 271, 275)

      for (const tab of [first, second]) await tab.untilMessage('m275', 30_000)
      await settle(setting)
      for (const tab of [first, second]) {
        const told = await tab.told(room)
        expect(bodies(told)).toEqual(numbered(1, 275))
        expect(only(told, 'message').every(({ event }) => event.history === false)).toBe(true)
        expect(names(told).match(/catching-up/g)?.length).toBeGreaterThan(1)
        expect(only(told, 'catching-up').at(-1)?.event).toMatchObject({ active: false })
      }
    },
    { resumes: false, deadlineMs: 90_000 },
  ),

  conform(
    'C02',
    'An outage in the middle of catching up ends in the same archive: each message once, in order.',
    async (setting) => {
      const { room, wire } = setting
      const [first] = await pairIn(setting)
      await chatter(setting, 1, 2)
      await first.untilMessage('m2')
      const back = await away(setting, first)
      await chatter(setting, 3, 250)
      const mark = wire.frames.mark()
      const off = wire.rule(({ dir, text }) => (dir === 'down' && text.includes('>m150<') ? 'cut-before' : 'pass'))
      back()
      await wire.waitForFrame(({ dir, text }) => dir === 'down' && text.includes('>m150<'), 30_000, mark)
      off()
      await first.untilMessage('m250', 30_000)
      await chatter(setting, 251, 252)
      await first.untilMessage('m252', 30_000)
      await settle(setting)

      for (const tab of setting.opened) expect(bodies(await tab.told(room))).toEqual(numbered(1, 252))
    },
    { resumes: false, deadlineMs: 90_000 },
  ),

  conform(
    'C03',
    'An archive that has lost the last known message, or begins anew, ends in no message missing and none twice.',
    async (setting) => {
      const { room, wire } = setting
      const [first] = await pairIn(setting)
      await chatter(setting, 1, 30)
      await first.untilMessage('m30')
      const back = await away(setting, first)
      await chatter(setting, 31, 40)
      const off = wire.rule(({ dir, text }) =>
        dir === 'up' && text.includes(NS_MAM) && text.includes('<after>')
          ? { replace: text.replace(/<after>[^<]*<\/after>/, '<after>1600000000000000</after>') }
          : 'pass',
      )
      back()
      await first.untilMessage('m40', 30_000)
      off()
      await settle(setting)

      expect(bodies(await first.told(room))).toEqual(numbered(1, 40))
      const late = await setting.tab()
      await late.join(room, { ...NICK, history: { maxstanzas: 100 } })
      expect(bodies(await late.told(room))).toEqual(numbered(1, 40))
    },
    { resumes: false, deadlineMs: 60_000 },
  ),

  conform(
    'C04',
    'A message whose fate an outage hides is looked for in the archive: one that arrived is not sent again.',
    async (setting) => {
      const { room, wire, bob } = setting
      const [first] = await pairIn(setting)
      wire.swallow('down')
      const sending = first.send(room, 'did it arrive?', { timeoutMs: 30_000 })
      await bob.waitFor((stanza) => stanza.getChildText('body') === 'did it arrive?', { what: 'the message' })
      wire.cut({ how: 'reset' })
      wire.release('down')

      expect(await sending).toMatchObject({ state: 'delivered' })
      await settle(setting)
      expect(bob.received(0).filter((stanza) => stanza.getChildText('body') === 'did it arrive?')).toHaveLength(1)
      expect(bodies(await first.told(room))).toEqual(['did it arrive?'])
    },
    { resumes: false, deadlineMs: 60_000 },
  ),

  conform(
    'C05',
    'A message that an outage swallowed is sent again, once, under the same id.',
    async (setting) => {
      const { room, wire, bob } = setting
      const [first, second] = await pairIn(setting)
      wire.swallow('up')
      const mark = wire.frames.mark()
      const sending = first.send(room, 'into the dark', { timeoutMs: 30_000 })
      await wire.waitForFrame(({ dir, text }) => dir === 'up' && text.includes('into the dark'), 5_000, mark)
      wire.cut({ how: 'reset' })
      wire.release('up')

      expect(await sending).toMatchObject({ state: 'delivered' })
      await settle(setting)
      expect(bob.received(0).filter((stanza) => stanza.getChildText('body') === 'into the dark')).toHaveLength(1)
      for (const tab of [first, second]) expect(bodies(await tab.told(room))).toEqual(['into the dark'])
    },
    { resumes: false, deadlineMs: 60_000 },
  ),

  conform(
    'C06',
    'A tab can send while there is no connection: every tab sees the message wait, and it goes out in order.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await pairIn(setting)
      const back = await away(setting, first)
      const sent = [
        await first.send(room, 'one', { wait: false }),
        await second.send(room, 'two', { wait: false }),
        await first.send(room, 'three', { wait: false }),
      ]
      expect(sent.map(({ state }) => state)).toEqual(['queued', 'queued', 'queued'])
      await second.sees({ room, name: 'message-updated', event: { change: 'state', message: { body: 'three' } } })
      expect((await second.state(room)).outbox.map(({ body }) => body)).toEqual(['one', 'two', 'three'])

      back()
      for (const tab of [first, second]) await tab.untilMessage('three', 20_000)
      await settle(setting)
      expect(bob.received(0).flatMap((stanza) => stanza.getChildText('body') ?? [])).toEqual(['one', 'two', 'three'])
      for (const tab of [first, second]) {
        expect(bodies(await tab.told(room))).toEqual(['one', 'two', 'three'])
        expect((await tab.state(room)).outbox).toEqual([])
      }
    },
    { deadlineMs: 60_000 },
  ),

  conform(
    'C07',
    'What waits can be given up, and then never goes out.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await pairIn(setting)
      const back = await away(setting, first)
      const { id } = await first.send(room, 'better not', { wait: false })
      await first.send(room, 'this', { wait: false })

      expect(await second.room(room, 'cancelSend', id)).toBe(true)
      await first.sees({ room, name: 'message-updated', event: { message: { id, state: 'failed' } } })
      back()
      await first.untilMessage('this', 20_000)
      await settle(setting)
      expect(bob.received(0).flatMap((stanza) => stanza.getChildText('body') ?? [])).toEqual(['this'])
      expect(await second.room(room, 'cancelSend', id)).toBe(false)
    },
    { deadlineMs: 60_000 },
  ),

  conform(
    'C08',
    'A message outlives the tab and the worker that it was written in: it is delivered when the account is in the room again.',
    async (setting) => {
      const { room, wire, bob } = setting
      const [first, second] = await pairIn(setting)
      await away(setting, first)
      await first.send(room, 'from the grave', { wait: false })
      await second.close()
      await first.killWorker()
      await first.close()
      wire.refuse(false)

      const later = await setting.tab()
      await later.join(room, NICK)
      await later.sees({ room, name: 'message', event: { body: 'from the grave', own: true } }, { ms: 20_000 })
      await settle(setting, later)
      expect(bob.received(0).filter((stanza) => stanza.getChildText('body') === 'from the grave')).toHaveLength(1)
      expect((await later.state(room)).outbox).toEqual([])
    },
    { deadlineMs: 60_000, mortal: true },
  ),

  conform(
    'C09',
    'History is paged back to the beginning of the archive, which is asked once for all tabs, and stays as it is while others talk.',
    async (setting) => {
      const { room, wire } = setting
      await chatter(setting, 1, 130)
      const [first, second] = await pairIn(setting)
      const mark = wire.frames.mark()

      const paged = async (tab: Tab): Promise<string[]> => {
        const found: string[] = []
        let before: string | undefined
        for (;;) {
          const page = await tab.room(room, 'history', { limit: 40, ...(before !== undefined && { before }) })
          found.unshift(...page.messages.map(({ body }) => body))
          before = page.messages[0]?.id
          if (page.atStart) return found
          expect(page.messages.length).toBe(40)
        }
      }
      const live = chatter(setting, 131, 140)
      const pages = await Promise.all([paged(first), paged(second)])
      await live
      for (const page of pages) expect(page.filter((body) => Number(body.slice(1)) <= 130)).toEqual(numbered(1, 130))
      const asked = sent(wire, mark).filter((stanza) => asks(stanza, NS_MAM)).length
      expect(asked).toBeGreaterThan(0)

      const again = wire.frames.mark()
      expect((await paged(second)).slice(0, 130)).toEqual(numbered(1, 130))
      expect(sent(wire, again).filter((stanza) => asks(stanza, NS_MAM))).toEqual([])
    },
    { deadlineMs: 60_000 },
  ),

  conform(
    'C10',
    'History is given around a message, and behind it, over a gap that the archive fills.',
    async (setting) => {
      const { room } = setting
      await chatter(setting, 1, 100)
      const [first] = await pairIn(setting)
      const whole = await first.room(room, 'history', { limit: 100 })
      const middle = whole.messages[49]
      expect(middle?.body).toBe('m50')

      const around = await first.room(room, 'history', { around: middle?.id ?? '', limit: 11 })
      expect(around.messages.map(({ body }) => body)).toEqual(numbered(45, 55))
      const behind = await first.room(room, 'history', { after: middle?.id ?? '', limit: 10 })
      expect(behind).toMatchObject({ atEnd: false })
      expect(behind.messages.map(({ body }) => body)).toEqual(numbered(51, 60))
      const end = await first.room(room, 'history', { after: middle?.id ?? '', limit: 500 })
      expect(end).toMatchObject({ atEnd: true })
      expect(end.messages.at(-1)?.body).toBe('m100')
    },
    { deadlineMs: 60_000 },
  ),

  conform(
    'C11',
    'A room without an archive is read up from what it remembers.',
    async (setting) => {
      const { wire } = setting
      const room = await setting.makeRoom()
      await keepNothing(setting, room)
      const tab = await setting.tab()
      await tab.join(room, NICK)
      await setting.bob.say(room, 'one')
      await tab.untilMessage('one')
      const back = await away(setting, tab)
      await setting.bob.say(room, 'two')
      await setting.bob.say(room, 'three')
      const mark = wire.frames.mark()
      back()
      await tab.untilMessage('three', 20_000)
      await settle(setting)

      expect(bodies(await tab.told(room))).toEqual(['one', 'two', 'three'])
      const asked = sent(wire, mark).filter((stanza) => asks(stanza, NS_MAM))
      expect(asked.filter(({ attrs }) => attrs['to'] === room)).toEqual([])
      expect(sent(wire, mark).filter(isJoin)).toHaveLength(1)
    },
    { resumes: false, deadlineMs: 60_000 },
  ),

  conform('C12', 'Words are found in all rooms, newest first, in every tab.', async (setting) => {
    const { room, bob } = setting
    const other = await setting.makeRoom()
    const [first, second] = await pairIn(setting)
    await second.join(other, NICK)
    await bob.say(room, 'A café by the river')
    await bob.say(other, 'cafeteria, second floor')
    await bob.say(room, 'nothing of the sort')
    await second.untilMessage('nothing of the sort')
    await second.untilMessage('cafeteria, second floor')

    for (const tab of [first, second]) {
      const found = await tab.account('search', 'CAFE')
      expect(found.map(({ body }) => body)).toEqual(['cafeteria, second floor', 'A café by the river'])
      const [only] = await tab.account('search', 'cafe river', { room })
      expect(only).toMatchObject({ body: 'A café by the river', room, nick: 'Bob' })
    }
  }),
]
