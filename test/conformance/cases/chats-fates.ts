// What becomes of chats with one person when tabs, workers and sessions end: XEP-0198, XEP-0313.
import { expect } from 'expect'
import type { Tab } from '../../support/browser/tab.ts'
import { type Case, conform, type Setting } from '../case.ts'
import { gotFrom, hasGot, listen, pairWith, standing, states, tell } from '../chats-steps.ts'
import { bareJid, bodies, settle } from '../steps.ts'

/** Away until that is called. */
async function away({ wire }: Setting, tab: Tab): Promise<() => void> {
  const since = await tab.mark()
  wire.refuse(true)
  wire.cut({ how: 'reset' })
  await tab.sees({ name: 'status', event: { status: 'interrupted' } }, { since })
  return () => wire.refuse(false)
}

const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, at) => `m${from + at}`)

export const chatsFates: readonly Case[] = [
  conform(
    'V20',
    'A tab that is loaded again has the chats as they were, and hears what comes, once.',
    async (setting) => {
      const { bob, account } = setting
      const [first, second] = await pairWith(setting)
      const jid = bareJid(bob)
      tell(bob, account, 'before')
      for (const tab of [first, second]) await tab.untilMessage('before')
      await settle(setting)

      await first.goto(await first.page.evaluate(() => location.href))
      await setting.connect(first)
      expect(await first.chats()).toMatchObject({ [jid]: { unread: 1, newest: { body: 'before' } } })
      await listen(first, jid)
      tell(bob, account, 'behind')
      for (const tab of [first, second]) await tab.untilMessage('behind')
      await settle(setting)

      expect(bodies(await first.told(jid))).toEqual(['behind'])
      expect(bodies(await second.told(jid))).toEqual(['before', 'behind'])
      const { messages } = await first.chat(jid, 'history')
      expect(messages.map(({ body }) => body)).toEqual(['before', 'behind'])
    },
  ),

  conform(
    'V21',
    'When the worker is killed each tab has what was said meanwhile, once, and what was to go out goes out once.',
    async (setting) => {
      const { bob, account } = setting
      const [first, second] = await pairWith(setting)
      const jid = bareJid(bob)
      tell(bob, account, 'before')
      for (const tab of [first, second]) await tab.untilMessage('before')

      await first.killWorker()
      tell(bob, account, 'meanwhile')
      for (const tab of [first, second]) await tab.untilMessage('meanwhile', 20_000)
      await first.chat(jid, 'send', 'answer')
      await second.untilMessage('answer')
      await settle(setting)

      for (const tab of [first, second]) expect(bodies(await tab.told(jid))).toEqual(['before', 'meanwhile', 'answer'])
      expect(gotFrom(bob, account)).toEqual(['answer'])
      expect(await second.chats()).toMatchObject({ [jid]: { newest: { body: 'answer' } } })
    },
    { mortal: true, deadlineMs: 60_000 },
  ),

  conform(
    'V22',
    'What was said while the session was lost is read up page by page: each message once, in order, before what is live.',
    async (setting) => {
      const { bob, account } = setting
      const [first, second] = await pairWith(setting)
      const jid = bareJid(bob)
      const phone = await setting.device('phone')
      await phone.barrier()
      const carol = await setting.client('carol')
      for (const body of numbered(1, 3)) tell(bob, account, body)
      await second.untilMessage('m3')
      const back = await away(setting, first)
      for (const body of numbered(4, 150)) tell(bob, account, body)
      await phone.waitFor((s) => s.getChildText('body') === 'm150', { what: 'm150', deadlineMs: 20_000 })
      tell(phone, jid, 'm151')
      await hasGot(bob, 'm151')
      tell(carol, account, 'from a stranger')
      await phone.waitFor((s) => s.getChildText('body') === 'from a stranger', { what: 'the stranger' })
      back()
      for (const tab of [first, second]) await tab.untilMessage('m151', 30_000)
      for (const body of numbered(152, 155)) tell(bob, account, body)
      for (const tab of [first, second]) await tab.untilMessage('m155', 30_000)
      await settle(setting)

      for (const tab of [first, second]) {
        expect(bodies(await tab.told(jid))).toEqual(numbered(1, 155))
        expect(standing(await tab.told(), jid)).toMatchObject({ unread: 4 })
        expect(await tab.chats()).toMatchObject({
          [bareJid(carol)]: { unread: 1, newest: { body: 'from a stranger' } },
        })
      }
    },
    { resumes: false, deadlineMs: 90_000 },
  ),

  conform(
    'V23',
    'What comes while the connection is gone, and the session is not, is told once when it goes on.',
    async (setting) => {
      const { bob, account } = setting
      const [first, second] = await pairWith(setting)
      const jid = bareJid(bob)
      const back = await away(setting, first)
      for (const body of numbered(1, 5)) tell(bob, account, body)
      await bob.barrier()
      back()
      for (const tab of [first, second]) await tab.untilMessage('m5', 20_000)
      await settle(setting)

      for (const tab of [first, second]) expect(bodies(await tab.told(jid))).toEqual(numbered(1, 5))
    },
    { deadlineMs: 60_000 },
  ),

  conform(
    'V24',
    'What is said without a connection waits, also for the next worker, and goes out once.',
    async (setting) => {
      const { bob, account } = setting
      const [first, second] = await pairWith(setting)
      const jid = bareJid(bob)
      const back = await away(setting, first)

      const waiting = await first.chat(jid, 'send', 'later', { wait: false })
      expect(waiting.state).toBe('queued')
      await second.sees({ room: jid, name: 'message-updated', event: { message: { body: 'later', state: 'queued' } } })
      const since = await second.mark()
      await first.killWorker()
      // The next worker says what the account shows.
      await second.sees({ name: 'presence' }, { since, ms: 20_000 })
      back()
      await hasGot(bob, 'later')
      for (const tab of [first, second]) await tab.untilMessage('later', 20_000)
      await settle(setting)

      expect(gotFrom(bob, account)).toEqual(['later'])
      for (const tab of [first, second]) {
        expect(bodies(await tab.told(jid))).toEqual(['later'])
        expect(states(await tab.told(jid), 'later').at(-1)).toBe('sent')
      }
    },
    { mortal: true, deadlineMs: 60_000 },
  ),

  conform(
    'V25',
    'A message whose fate an outage hides is looked for in the archive: one that arrived is not sent again.',
    async (setting) => {
      const { bob, account, wire } = setting
      const [first, second] = await pairWith(setting)
      const jid = bareJid(bob)
      wire.swallow('down')
      const sending = first.chat(jid, 'send', 'did it arrive?', { timeoutMs: 30_000 })
      await hasGot(bob, 'did it arrive?')
      wire.cut({ how: 'reset' })
      wire.release('down')

      expect(await sending).toMatchObject({ state: 'sent' })
      await settle(setting)
      expect(gotFrom(bob, account)).toEqual(['did it arrive?'])
      for (const tab of [first, second]) expect(bodies(await tab.told(jid))).toEqual(['did it arrive?'])
    },
    { resumes: false, deadlineMs: 60_000 },
  ),

  conform(
    'V26',
    'A message that an outage swallowed is sent again, once, under the same id.',
    async (setting) => {
      const { bob, account, wire } = setting
      const [first, second] = await pairWith(setting)
      const jid = bareJid(bob)
      wire.swallow('up')
      const mark = wire.frames.mark()
      const sending = first.chat(jid, 'send', 'into the dark', { timeoutMs: 30_000 })
      const lost = await wire.waitForFrame(
        ({ dir, text }) => dir === 'up' && text.includes('into the dark'),
        5_000,
        mark,
      )
      wire.cut({ how: 'reset' })
      wire.release('up')

      const message = await sending
      expect(message).toMatchObject({ state: 'sent' })
      expect(lost.text).toContain(message.originId)
      const got = await hasGot(bob, 'into the dark')
      expect(got.attrs['id']).toBe(message.originId)
      await settle(setting)
      expect(gotFrom(bob, account)).toEqual(['into the dark'])
      for (const tab of [first, second]) expect(bodies(await tab.told(jid))).toEqual(['into the dark'])
    },
    { resumes: false, deadlineMs: 60_000 },
  ),
]
