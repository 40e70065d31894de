// What cases of tabs' lives do.
import { expect } from 'expect'
import type { Tab, TabOptions } from '../../support/browser/tab.ts'
import { presencesOf } from '../../support/stage.ts'
import type { Setting } from '../case.ts'
import { bodies, NICK, settle } from '../steps.ts'
import { isJoin, isLeave, sent } from '../wire.ts'

/** The worker is one tab's own. */
export const OWN: Partial<TabOptions> = { sharedWorker: 'never' }

export const addressOf = (tab: Tab): Promise<string> => tab.page.evaluate(() => location.href)

/** Tabs without SharedWorker, all in the room; the first one has the worker. */
export async function leaderAndFollowers(setting: Setting, count: number): Promise<Tab[]> {
  const tabs: Tab[] = []
  for (let i = 0; i < count; i++) {
    const tab = await setting.tab(OWN)
    await tab.join(setting.room, NICK)
    tabs.push(tab)
  }
  await settle(setting)
  return tabs
}

/** The room has seen the account neither come nor go since then, and has heard no join and no leave. */
export function roomSawNothing({ bob, room, wire }: Setting, seen: number, mark: number): void {
  expect(presencesOf(bob, `${room}/Juliet`, seen)).toEqual([])
  expect(sent(wire, mark).filter((stanza) => isJoin(stanza) || isLeave(stanza))).toEqual([])
}

/** Each of the texts was told once, in their order, of those that were told. */
export async function hasEach(tab: Tab, room: string, texts: readonly string[]): Promise<void> {
  await tab.untilMessage(texts.at(-1) ?? '', 20_000)
  expect(bodies(await tab.told(room)).filter((body) => texts.includes(body))).toEqual(texts)
}
