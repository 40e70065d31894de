// What people do to each other's rosters, without any code of the SDK.
import { type Element, el, type RawClient } from '../support/raw-client.ts'
import type { Setting } from './case.ts'
import { bareJid } from './steps.ts'

export const NS_ROSTER = 'jabber:iq:roster'

export const rosterQuery = (...items: Element[]): Element => el('query', { xmlns: NS_ROSTER }, ...items)

export const toPresence = (client: RawClient, to: string, type: string, ...children: Element[]): void =>
  client.send(el('presence', { to, type }, ...children))

export const isPresence = (type: string | undefined, from: string) => (stanza: Element) =>
  stanza.is('presence') && stanza.attrs['type'] === type && (stanza.attrs['from'] ?? '').split('/')[0] === from

/** Each sees the other: what two people agree on before anything is tested. */
export async function befriend(setting: Setting): Promise<void> {
  const { account, bob } = setting
  const phone = await setting.device('befriends')
  await phone.request(el('iq', { type: 'get' }, rosterQuery()))
  await bob.request(el('iq', { type: 'get' }, rosterQuery()))
  for (const [asks, other] of [
    [phone, bob],
    [bob, phone],
  ] as const) {
    toPresence(asks, bareJid(other), 'subscribe')
    await other.waitFor(isPresence('subscribe', bareJid(asks)), { what: 'a request' })
    toPresence(other, bareJid(asks), 'subscribed')
    await asks.waitFor(isPresence('subscribed', bareJid(other)), { what: 'its answer' })
  }
  await phone.close()
  await bob.waitFor(isPresence('unavailable', account), { what: 'the end of the phone' })
}
