// Rows R14, R15; checks 22, 23, 66; the decisions of one engine an account.
import { expect } from 'expect'
import type { Tab, TabOptions } from '../../support/browser/tab.ts'
import { type Deploy, deployed } from '../../support/deploys.ts'
import { type Case, conform, type Setting } from '../case.ts'
import { NICK, names, settle, tabsIn } from '../steps.ts'
import { isJoin, sent } from '../wire.ts'
import { addressOf, hasEach, leaderAndFollowers, OWN, roomSawNothing } from './tabs-steps.ts'

/** The same worker file by another address: to the browser another worker. */
const ELSEWHERE: Partial<TabOptions> = { worker: '/dist/worker.js?another' }

/** A tab that loads another deploy of the SDK. */
async function tabOf(setting: Setting, deploy: Deploy): Promise<Tab> {
  const path = await deployed(deploy)
  const tab = await setting.openTab()
  const { origin } = new URL(await addressOf(tab))
  await tab.goto(`${origin}/tab?deploy=${path}`)
  return tab
}

/** Calls of one tab, all at once. */
const FLOOD = 20_000

export const tabsLife: readonly Case[] = [
  conform(
    'T01',
    'A tab whose worker comes from another address shares the engine that is there: one connection, one join.',
    async (setting) => {
      const { room, bob, wire } = setting
      const [first] = await tabsIn(setting, 1)
      if (!first) throw new Error('no tab')
      await settle(setting)
      const [seen, mark] = [bob.mark(), wire.frames.mark()]

      const second = await setting.tab(ELSEWHERE)
      await second.join(room, NICK)
      await bob.say(room, 'to both')
      await second.send(room, 'from there')

      for (const tab of [first, second]) await hasEach(tab, room, ['to both', 'from there'])
      expect((await second.inspect()).instance).toBe((await first.inspect()).instance)
      expect((await first.inspect()).wire.connections).toBe(1)
      await settle(setting)
      roomSawNothing(setting, seen, mark)
    },
  ),

  conform(
    'T02',
    'A worker that dies is followed by the one of a tab from another address, and the room sees nothing.',
    async (setting) => {
      const { room, bob, wire } = setting
      const [first] = await tabsIn(setting, 1)
      const second = await setting.tab(ELSEWHERE)
      await second.join(room, NICK)
      await settle(setting)
      const [seen, mark] = [bob.mark(), wire.frames.mark()]

      await first?.crash()
      await second.sees({ name: 'resumed' }, { ms: 20_000 })
      await bob.say(room, 'still here')

      await hasEach(second, room, ['still here'])
      await settle(setting, second)
      roomSawNothing(setting, seen, mark)
    },
    { needs: ['way to crash one tab'] },
  ),

  conform(
    'T03',
    'A worker that no tab needs gives its session to the one of another address, and the room sees nothing.',
    async (setting) => {
      const { room, bob, wire } = setting
      const [first] = await tabsIn(setting, 1)
      await settle(setting)
      const [seen, mark] = [bob.mark(), wire.frames.mark()]
      await first?.close()
      await bob.say(room, 'meanwhile')

      const second = await setting.tab(ELSEWHERE)
      await second.join(room, NICK)

      await second.untilMessage('meanwhile')
      await settle(setting, second)
      roomSawNothing(setting, seen, mark)
    },
  ),

  ...[1, 2, 5].map((count, size) =>
    conform(
      ['T04', 'T09', 'T10'][size] ?? '',
      `A newer version takes the account over from ${count} tabs: they are told that they are outdated, and the room sees nothing.`,
      async (setting) => {
        const { room, bob, wire } = setting
        const older = await tabsIn(setting, count)
        const newer = await tabOf(setting, 'newer')
        await settle(setting, ...older)
        const [seen, mark] = [bob.mark(), wire.frames.mark()]

        await setting.connect(newer)
        await newer.join(room, NICK)
        await bob.say(room, 'to the new one')

        await hasEach(newer, room, ['to the new one'])
        for (const tab of older) {
          await tab.sees({ name: 'outdated', event: { error: { code: 'outdated' } } })
          await expect(tab.send(room, 'too late')).rejects.toMatchObject({ code: 'outdated' })
        }
        await settle(setting, newer)
        roomSawNothing(setting, seen, mark)
        expect((await newer.inspect()).contract).toBeGreaterThan(1)
      },
    ),
  ),

  conform(
    'T05',
    'An older version that finds a newer one is outdated at once, and disturbs nobody.',
    async (setting) => {
      const { room, bob, wire } = setting
      const [first] = await tabsIn(setting, 1)
      if (!first) throw new Error('no tab')
      const older = await tabOf(setting, 'older')
      await settle(setting, first)
      const [seen, mark] = [bob.mark(), wire.frames.mark()]
      const { instance } = await first.inspect()

      await expect(setting.connect(older)).rejects.toMatchObject({ code: 'outdated' })

      await bob.say(room, 'all as before')
      await hasEach(first, room, ['all as before'])
      expect((await first.inspect()).instance).toBe(instance)
      roomSawNothing(setting, seen, mark)
    },
  ),

  conform('T06', 'An outdated tab that may loads itself anew, and not before nobody looks at it.', async (setting) => {
    const first = await setting.tab({ reloadWhenHidden: true })
    const newer = await tabOf(setting, 'newer')
    await setting.connect(newer)
    await first.sees({ name: 'outdated' })
    await first.page.evaluate(() => document.documentElement.setAttribute('data-life', 'first'))
    expect(await first.page.evaluate(() => document.documentElement.dataset['life'])).toBe('first')

    await first.show(false)

    await first.page.waitForFunction(() => document.documentElement.dataset['life'] === undefined)
  }),

  conform(
    'T07',
    'Tabs that boot in the same moment are one account with one connection, with SharedWorker and without.',
    async (setting) => {
      for (const options of [{}, OWN]) {
        const tabs = await Promise.all([setting.openTab(), setting.openTab(), setting.openTab()])
        const mark = setting.wire.frames.mark()

        await Promise.all(tabs.map((tab) => setting.connect(tab, options)))
        await Promise.all(tabs.map((tab) => tab.join(setting.room, NICK)))

        const lives = await Promise.all(tabs.map((tab) => tab.inspect()))
        expect(new Set(lives.map(({ instance }) => instance)).size).toBe(1)
        expect(lives[0]?.wire.connections).toBe(1)
        expect(sent(setting.wire, mark).filter(isJoin)).toHaveLength(options === OWN ? 0 : 1)
        for (const tab of tabs.slice(1)) await tab.close()
        await tabs[0]?.killWorker().catch(() => undefined)
        await tabs[0]?.close()
      }
    },
  ),

  conform(
    'T08',
    'Without SharedWorker the worker of one tab serves all: one connection, one join, and each hears everything once.',
    async (setting) => {
      const { room, bob, wire } = setting
      const tabs = await leaderAndFollowers(setting, 3)
      const [first, second] = tabs
      if (!first || !second) throw new Error('no tabs')

      await bob.say(room, 'to all')
      await second.send(room, 'from a follower')

      for (const tab of tabs) await hasEach(tab, room, ['to all', 'from a follower'])
      expect(await first.inspect()).toMatchObject({ engine: 'leader-worker', wire: { connections: 1, joins: 1 } })
      expect(sent(wire).filter(isJoin)).toHaveLength(1)
      if (setting.can.has('way to stop a worker')) expect(await first.countWorkers('worker')).toBe(1)
    },
  ),

  conform(
    'T14',
    'A leader that was taken for dead and comes to itself is one of the others: nothing is sent twice, nobody is harmed.',
    async (setting) => {
      const { room, bob, wire } = setting
      const [leader, follower] = await leaderAndFollowers(setting, 2)
      if (!leader || !follower) throw new Error('no tabs')
      const goOn = await leader.stopWorkers('worker')
      await follower.show(true)
      await follower.sees({ name: 'resumed' }, { ms: 25_000 })
      const [seen, mark] = [bob.mark(), wire.frames.mark()]

      await goOn().catch(() => undefined) // the page may have ended it by now
      await bob.say(room, 'to both')

      for (const tab of [leader, follower]) await hasEach(tab, room, ['to both'])
      expect((await leader.inspect()).instance).toBe((await follower.inspect()).instance)
      expect(await follower.countWorkers('worker')).toBe(1)
      await settle(setting)
      roomSawNothing(setting, seen, mark)
    },
    { deadlineMs: 60_000, needs: ['way to stop a worker'] },
  ),

  conform(
    'T15',
    'A worker that hangs is noticed when somebody comes to look, and another one goes on with its session.',
    async (setting) => {
      const { room, bob, wire } = setting
      const tabs = await tabsIn(setting, 2)
      const [first] = tabs
      if (!first) throw new Error('no tab')
      await settle(setting)
      const [seen, mark] = [bob.mark(), wire.frames.mark()]
      const goOn = await first.stopWorkers('shared_worker')
      await bob.say(room, 'meanwhile')

      for (const tab of tabs) await tab.show(true)
      for (const tab of tabs) await tab.sees({ name: 'resumed' }, { ms: 40_000 })
      await goOn()
      await bob.say(room, 'behind')

      for (const tab of tabs) await hasEach(tab, room, ['meanwhile', 'behind'])
      for (const tab of tabs) expect(names(await tab.told(room)).match(/interrupted/g)).toHaveLength(1)
      await settle(setting)
      roomSawNothing(setting, seen, mark)
    },
    { deadlineMs: 90_000, needs: ['way to stop a worker'] },
  ),

  conform(
    'T16',
    'One that has a SharedWorker and one that has none share the engine, whichever was first.',
    async (setting) => {
      const { room, bob, wire } = setting
      const [withIt] = await tabsIn(setting, 1)
      const without = await setting.tab(OWN)
      await without.join(room, NICK)
      await settle(setting)
      const [seen, mark] = [bob.mark(), wire.frames.mark()]

      await withIt?.close()
      await bob.say(room, 'still here')
      const again = await setting.tab()
      await again.join(room, NICK)
      await bob.say(room, 'to both')

      await hasEach(without, room, ['still here', 'to both'])
      await hasEach(again, room, ['to both'])
      expect((await again.inspect()).instance).toBe((await without.inspect()).instance)
      await settle(setting, without, again)
      roomSawNothing(setting, seen, mark)
    },
  ),

  conform(
    'T17',
    'Without Web Locks each tab is one for itself, and says so; nothing of it is kept.',
    async (setting) => {
      const { room, bob } = setting
      const tab = await setting.openTab()
      await tab.page.evaluate(() => Object.defineProperty(navigator, 'locks', { value: undefined }))
      await setting.connect(tab, { worker: '/test/conformance/browser/lockless-worker.ts' })
      await tab.join(room, NICK)
      await bob.say(room, 'to one')

      await hasEach(tab, room, ['to one'])
      expect(await tab.inspect()).toMatchObject({ engine: 'this-tab', storage: 'memory' })
    },
  ),

  conform(
    'T18',
    'A tab that throws in its listeners, floods the worker with calls and stands still for ten seconds harms no other.',
    async (setting) => {
      const { room, bob } = setting
      const tabs = await tabsIn(setting, 2)
      const [bad, good] = tabs
      if (!bad || !good) throw new Error('no tabs')
      await settle(setting)
      await bad.page.evaluate((room) => {
        harness.room(room).on('message', () => {
          throw new Error('as an application does')
        })
        globalThis.onerror = () => true
      }, room)
      await bob.say(room, 'before')
      await good.untilMessage('before')

      // Not awaited: it answers when it is over.
      const over = bad.page.evaluate((calls) => {
        for (let n = 0; n < calls; n++) void harness.connected().inspect()
        const untilMs = performance.now() + 10_000
        while (performance.now() < untilMs);
      }, FLOOD)
      const beganMs = performance.now()
      for (let n = 0; n < 10; n++) await good.send(room, `good ${n}`)
      const tookMs = performance.now() - beganMs
      await bob.say(room, 'behind')
      await good.untilMessage('behind')

      expect(tookMs).toBeLessThan(5_000)
      await over
      await hasEach(bad, room, ['before', ...Array.from({ length: 10 }, (_, n) => `good ${n}`), 'behind'])
    },
    { deadlineMs: 60_000 },
  ),
]
