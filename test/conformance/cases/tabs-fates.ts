// Rows R14, R15; checks 22, 23, 66: each event of a tab's or worker's life, with one, two and five tabs.
import { expect } from 'expect'
import type { Tab } from '../../support/browser/tab.ts'
import type { SceneOptions } from '../../support/stage.ts'
import { type Case, conform, type Setting } from '../case.ts'
import { NICK, settle, tabsIn } from '../steps.ts'
import { addressOf, hasEach, leaderAndFollowers, roomSawNothing } from './tabs-steps.ts'

/** A worker lives in the process of the tab that began it. */
const EXHAUSTED = 'dies with the worker, which runs out of memory'
const BACK = 'goes to another page and back'
const NEEDS: Readonly<Record<string, Partial<Pick<Case, 'needs'>> & SceneOptions>> = {
  crashes: { needs: ['way to crash one tab'] },
  [BACK]: { needs: ['page that is kept'], keepsPages: true },
  'has its worker killed': { mortal: true },
  [EXHAUSTED]: { needs: ['way to stop a worker'], apart: true },
  'is in a browser that stands still for 15 s': { needs: ['way to stop a worker'], apart: true },
}
const MANY_NEEDS: typeof NEEDS = { crashes: { needs: ['way to crash one tab', 'process for each of many tabs'] } }
const STANDS_STILL_MS = 15_000

/** What becomes of the first of some tabs, by name. @returns the tabs that are there then */
const FATES: Readonly<Record<string, (tabs: readonly Tab[], setting: Setting) => Promise<readonly Tab[]>>> = {
  'is closed': async ([first, ...others]) => {
    await first?.close()
    return others
  },
  crashes: async ([first, ...others]) => {
    await first?.crash()
    return others
  },
  'is loaded again': async ([first, ...others], setting) => {
    if (!first) return others
    await first.goto(await addressOf(first))
    await setting.connect(first)
    await first.join(setting.room, NICK)
    return [first, ...others]
  },
  [BACK]: async (tabs) => {
    const [first] = tabs
    await first?.leaveAndReturn()
    await first?.sees({ name: 'resumed' })
    return tabs
  },
  'is hidden and shown': async (tabs) => {
    await tabs[0]?.show(false)
    await tabs[0]?.show(true)
    return tabs
  },
  'has its worker killed': async (tabs) => {
    await tabs[0]?.killWorker()
    for (const tab of tabs) await tab.sees({ name: 'resumed' }, { ms: 20_000 })
    return tabs
  },
  [EXHAUSTED]: async ([first, ...others]) => {
    const died = first?.page.waitForFunction(() => false).catch(() => undefined)
    await first?.exhaustWorker()
    await died
    for (const tab of others) await tab.sees({ name: 'resumed' }, { ms: 30_000 })
    return others
  },
  // Which stops the worker, too.
  'is in a browser that stands still for 15 s': async (tabs, { bob, room }) => {
    const goOn = await tabs[0]?.stopWorld()
    await bob.say(room, 'while nobody was there')
    await new Promise((resolve) => setTimeout(resolve, STANDS_STILL_MS))
    goOn?.()
    for (const tab of tabs) await tab.untilMessage('while nobody was there')
    return tabs
  },
}

const lives: readonly Case[] = Object.entries(FATES).flatMap(([fate, befall], at) =>
  [1, 2, 5].map((count, size) =>
    conform(
      `T${String(20 + at * 3 + size)}`,
      `Of ${count} tabs in a room one ${fate}: each that is there then has all that was said, once, and the room sees nothing.`,
      async (setting) => {
        const { room, bob, wire } = setting
        const tabs = await tabsIn(setting, count)
        await settle(setting)
        await bob.say(room, 'before')
        for (const tab of tabs) await tab.untilMessage('before')
        const [seen, mark] = [bob.mark(), wire.frames.mark()]

        const left = await befall(tabs, setting)
        await bob.say(room, 'behind')
        const [next] = left.length > 0 ? left : await setting.tabs(1)
        if (left.length === 0) await next?.join(room, NICK)

        for (const tab of left) await hasEach(tab, room, ['before', 'behind'])
        if (next) await settle(setting, ...(left.length > 0 ? left : [next]))
        roomSawNothing(setting, seen, mark)
        for (const tab of left) expect(Object.keys(await tab.occupants(room)).sort()).toEqual(['Bob', 'Juliet'])
      },
      { ...NEEDS[fate], ...(count === 5 && MANY_NEEDS[fate]), deadlineMs: 60_000 },
    ),
  ),
)

const LEADER_FATES: readonly (readonly [fate: string, befall: (tab: Tab) => Promise<unknown>, needs: Case['needs']])[] =
  [
    ['is closed', (tab) => tab.close(), []],
    ['crashes', (tab) => tab.crash(), ['way to crash one tab']],
    ['detaches', (tab) => tab.account('detach'), []],
    ['goes to another page', async (tab) => tab.page.goto(new URL('/elsewhere', await addressOf(tab)).href), []],
    ['is frozen', (tab) => tab.stopWorkers('worker'), ['way to stop a worker']],
  ]

const leaders: readonly Case[] = LEADER_FATES.flatMap(([fate, befall, needs], at) =>
  [2, 3, 5].map((count, size) =>
    conform(
      `T${50 + at * 3 + size}`,
      `Without SharedWorker, of ${count} tabs the one with the worker ${fate}: another one goes on, nothing is missed or doubled, and the room sees nothing.`,
      async (setting) => {
        const { room, bob, wire } = setting
        const [leader, ...followers] = await leaderAndFollowers(setting, count)
        if (!leader) throw new Error('no leader')
        await bob.say(room, 'before')
        for (const tab of followers) await tab.untilMessage('before')
        const [seen, mark] = [bob.mark(), wire.frames.mark()]

        await befall(leader)
        await bob.say(room, 'meanwhile')
        // As a person does who comes to look.
        for (const tab of followers) await tab.show(true)
        for (const tab of followers) await tab.sees({ name: 'resumed' }, { ms: 25_000 })
        await bob.say(room, 'behind')

        for (const tab of followers) await hasEach(tab, room, ['before', 'meanwhile', 'behind'])
        const lives = await Promise.all(followers.map((tab) => tab.inspect()))
        expect(new Set(lives.map(({ instance }) => instance)).size).toBe(1)
        await settle(setting, ...followers)
        roomSawNothing(setting, seen, mark)
      },
      { deadlineMs: 60_000, needs },
    ),
  ),
)

export const tabsFates: readonly Case[] = [...lives, ...leaders]
