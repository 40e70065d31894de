import { bareOf, resourceOf } from '../protocol/jid.ts'
import { isAmong } from '../protocol/xep-0191-blocking.ts'
import { child, el, type XmlNode } from '../protocol/xml.ts'
import type { HomeSession } from './account-home.ts'
import type { MemoryServer } from './memory-server.ts'
import { delayEl, isKept, stanzaIdEl } from './message-archive.ts'
import { answerTo, readdressed, refused, stanzaEl } from './peer.ts'

const NS_CARBONS = 'urn:xmpp:carbons:2'
const NS_FORWARD = 'urn:xmpp:forward:0'
/** Messages that wait for one who is away. */
const MOST_WAITING = 500

/**
 * A message from one account to another (RFC 6121 section 8.5): to the sessions that are there, copies to the others
 * (XEP-0280), into both archives (XEP-0313), or it waits until somebody comes.
 *
 * @param session whose it is; none for what the server or a room says
 */
export function routeMessage(server: MemoryServer, message: XmlNode, session: HomeSession | undefined): void {
  const { from = '', to = bareOf(from), type } = message.attrs
  const account = bareOf(to)
  const home = server.knownHome(account)
  const isChat = type !== 'error' && type !== 'headline' && type !== 'groupchat'
  if (!home || isAmong(home.blocked, from)) {
    if (session && type !== 'error')
      answerTo(message, session, refused(home ? 'service-unavailable' : 'remote-server-not-found'))
    return
  }
  const stampMs = server.clock.nowMs()
  const kept = isChat && isKept(message)
  const id = kept ? server.clock.newId() : undefined
  if (id !== undefined) home.archive.add({ id, stampMs, stanza: message, with: bareOf(from) })
  const sender = session && server.knownHome(bareOf(from))
  if (kept && sender && sender !== home)
    sender.archive.add({ id: server.clock.newId(), stampMs, stanza: message, with: account })
  const marked = id === undefined ? message : readdressed(message, {}, [...message.children, stanzaIdEl(account, id)])

  const named = resourceOf(to) === undefined ? undefined : server.sessionOf(to)
  const goals = named ? [named] : home.available
  for (const goal of goals) goal.deliver(readdressed(marked, { to: named ? to : account }))
  if (goals.length === 0 && isChat && kept && home.waiting.length < MOST_WAITING)
    home.waiting.push(readdressed(marked, {}, [...marked.children, delayEl(stampMs, account)]))
  if (!isChat || child(message, NS_CARBONS, 'private') || child(message, 'urn:xmpp:hints', 'no-copy')) return
  for (const other of home.sessions)
    if (other.carbons && other !== session && !goals.includes(other)) copy(other, account, 'received', marked)
  for (const other of sender?.sessions ?? [])
    if (other.carbons && other !== session && !goals.includes(other)) copy(other, bareOf(from), 'sent', message)
}

function copy(to: HomeSession, account: string, direction: 'sent' | 'received', message: XmlNode): void {
  const forwarded = el(NS_FORWARD, 'forwarded', {}, message)
  to.deliver(
    stanzaEl('message', { from: account, to: to.jid, type: message.attrs['type'] }, [
      el(NS_CARBONS, direction, {}, forwarded),
    ]),
  )
}

/** What came while nobody was there, to the first who is. */
export function deliverWaiting(waiting: XmlNode[], session: HomeSession): void {
  for (const message of waiting.splice(0)) session.deliver(message)
}
