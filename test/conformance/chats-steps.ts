// What cases of chats with one person do.
import type { Told } from '../support/browser/harness.ts'
import type { Tab } from '../support/browser/tab.ts'
import { type Element, el, type RawClient } from '../support/raw-client.ts'
import type { Setting } from './case.ts'
import { bareJid, only, settle } from './steps.ts'

export const NS_RECEIPTS = 'urn:xmpp:receipts'
export const NS_MARKERS = 'urn:xmpp:chat-markers:0'
export const NS_CARBONS = 'urn:xmpp:carbons:2'

/** Somebody says something to one person. */
export function tell(from: RawClient, to: string, body: string, ...beside: readonly Element[]): void {
  from.send(el('message', { to, type: 'chat', id: `id-${body}` }, el('body', {}, body), ...beside))
}

/** So many tabs, each of which listens to Bob. */
export async function tabsWith(setting: Setting, count: number, jid = bareJid(setting.bob)): Promise<Tab[]> {
  const tabs = await setting.tabs(count)
  for (const tab of tabs) await listen(tab, jid)
  await settle(setting)
  return tabs
}

export async function pairWith(setting: Setting): Promise<[Tab, Tab]> {
  const [first, second] = await tabsWith(setting, 2)
  if (!first || !second) throw new Error('there are to be two tabs')
  return [first, second]
}

/** From here on the tab hears what is said there. */
export async function listen(tab: Tab, jid: string): Promise<void> {
  await tab.chat(jid, 'history', { limit: 1 })
}

/** The texts of the messages that a client got from somebody, each as often as it came. */
export function gotFrom(client: RawClient, jid: string): string[] {
  return client
    .received(0)
    .filter((s) => s.is('message') && s.attrs['from']?.split('/', 1)[0] === jid && s.getChild('body'))
    .map((s) => s.getChildText('body') ?? '')
}

export const hasGot = (client: RawClient, body: string): Promise<Element> =>
  client.waitFor((s) => s.is('message') && s.getChildText('body') === body, { what: `"${body}"` })

/** The states that a message of ours has gone through in a tab, by its text. */
export const states = (told: readonly Told[], body: string): string[] =>
  told
    .filter(({ name }) => name === 'message' || name === 'message-updated')
    .map(({ name, event }) => (name === 'message' ? event : event.message))
    .filter((message) => message.body === body)
    .map(({ state, displayed }) => (displayed ? 'displayed' : state))

/** What the tab was told last of how that chat stands. */
export const standing = (told: readonly Told[], jid: string) =>
  only(told, 'chat')
    .map(({ event }) => event)
    .findLast((chat) => chat.jid === jid)
