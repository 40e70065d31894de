// What many cases do.
import { expect } from 'expect'
import type { Told } from '../support/browser/harness.ts'
import type { CallFailed, Tab } from '../support/browser/tab.ts'
import { el, type RawClient } from '../support/raw-client.ts'
import { roomBarrier } from '../support/raw-room.ts'
import type { Setting } from './case.ts'

export const NICK = { nick: 'Juliet' }
/** Nobody's address in particular: the server itself. */
const PING = { name: 'ping', ns: 'urn:xmpp:ping', attrs: {}, children: [] }

/**
 * Whatever was under way has arrived, here and there: from the tabs at the rooms and at Bob, from Bob and the rooms at
 * the tabs. Without tabs: all that were opened.
 */
export async function settle(setting: Setting, ...tabs: readonly Tab[]): Promise<void> {
  const those = tabs.length > 0 ? tabs : setting.opened
  const [first] = those
  const pass = () => first?.account('request', { to: setting.server.domain, type: 'get', payload: PING })
  await pass()
  for (const room of setting.rooms) await roomBarrier(setting.bob, `${room}/Bob`)
  await setting.bob.barrier()
  await pass()
  for (const tab of those) await tab.inspect()
}

/** So many tabs, all in the room. */
export async function tabsIn(setting: Setting, count: number, room = setting.room): Promise<Tab[]> {
  const tabs = await setting.tabs(count)
  for (const tab of tabs) await tab.join(room, NICK)
  return tabs
}

/** Two tabs, both in the room, and all quiet. */
export async function pairIn(setting: Setting, room = setting.room): Promise<[Tab, Tab]> {
  const [first, second] = await tabsIn(setting, 2, room)
  if (!first || !second) throw new Error('there are to be two tabs')
  await settle(setting)
  return [first, second]
}

/** Two tabs, connected and nowhere. */
export async function pair(setting: Setting): Promise<[Tab, Tab]> {
  const [first, second] = await setting.tabs(2)
  if (!first || !second) throw new Error('there are to be two tabs')
  return [first, second]
}

/** The worker has noticed which tabs are left, so many; asked of one of them. */
export async function untilTabsAre(count: number, tab: Tab, ms = 15_000): Promise<void> {
  const lastMs = performance.now() + ms
  for (;;) {
    const { tabs } = await tab.inspect()
    if (tabs.length === count) return
    if (performance.now() > lastMs) throw new Error(`the worker has ${tabs.length} tabs after ${ms} ms, not ${count}`)
  }
}

/**
 * Begins to listen to those tabs, when all is quiet. The result waits until all is quiet (also what those clients did), and gives what was
 * told of the room since; every tab must have been told the same.
 */
export async function listening(
  setting: Setting,
  tabs: readonly Tab[],
  room = setting.room,
): Promise<(...clients: readonly RawClient[]) => Promise<Told[]>> {
  await settle(setting)
  const marks = await Promise.all(tabs.map((tab) => tab.mark()))
  return async (...clients) => {
    for (const client of clients) await client.barrier()
    await settle(setting)
    const [first = [], ...others] = await Promise.all(tabs.map((tab, at) => tab.toldSince(marks[at] ?? 0, room)))
    for (const told of others) expect(told).toEqual(first)
    return first
  }
}

/** Puts a stanza on the way down to the tabs, in the place of one that nobody misses. */
export async function inject({ wire, bob, account }: Setting, stanza: string): Promise<void> {
  const id = `in-place-of-${wire.frames.mark()}`
  const off = wire.rule(({ dir, text }) => (dir === 'down' && text.includes(id) ? { replace: stanza } : 'pass'))
  const mark = wire.frames.mark()
  bob.send(el('message', { to: account, type: 'headline', id }, el('body', {}, id)))
  await wire.waitForFrame(({ dir, text }) => dir === 'down' && text.includes(id), 10_000, mark)
  off()
}

/** Another person, in the room under that nick. */
export async function guest(setting: Setting, nick: string, room = setting.room): Promise<RawClient> {
  const client = await setting.client(nick.toLowerCase())
  await client.join(room, nick)
  return client
}

/** The bare JID of a client. */
export const bareJid = (client: RawClient): string => client.jid.split('/', 1)[0] ?? ''

export const names = (told: readonly Told[]): string => told.map(({ name }) => name).join(' ')

export const only = (told: readonly Told[], name: string): Told[] => told.filter((entry) => entry.name === name)

export const bodies = (told: readonly Told[]): string[] => only(told, 'message').map(({ event }) => event.body)

/** The failure of a call; a call that succeeds fails the case. */
export async function refused(call: Promise<unknown>): Promise<CallFailed> {
  const outcome = await call.then(
    (value) => ({ value }),
    (error: CallFailed) => ({ error }),
  )
  if ('error' in outcome) return outcome.error
  throw new Error(`not refused, but ${JSON.stringify(outcome.value)}`)
}
