import { bareOf, resourceOf } from '../protocol/jid.ts'
import { NS_FORMS, readForm } from '../protocol/xep-0004-forms.ts'
import { NS_DISCO_INFO } from '../protocol/xep-0030-disco.ts'
import type { Affiliation, Role } from '../protocol/xep-0045-muc.ts'
import { writeDateTime } from '../protocol/xep-0082-datetime.ts'
import { NS_MAM } from '../protocol/xep-0313-mam.ts'
import { child, childrenOf, childText, el, elementsOf, textEl, type XmlNode } from '../protocol/xml.ts'
import type { MemoryRoom } from './memory-room.ts'
import { type Answer, answerTo, type Peer, refused, stanzaEl } from './peer.ts'
import { codesOfChange, roomInfo, settingsForm, settingsIn } from './room-config.ts'
import { accountOf, firstRole, occupantIdEl, type Seat } from './seats.ts'

const NS_ADMIN = 'http://jabber.org/protocol/muc#admin'
const NS_OWNER = 'http://jabber.org/protocol/muc#owner'
const NS_USER = 'http://jabber.org/protocol/muc#user'
const NS_REGISTER = 'jabber:iq:register'
const NS_ITEMS = 'http://jabber.org/protocol/disco#items'
const NS_FASTEN = 'urn:xmpp:fasten:0'
const RETRACT = ['urn:xmpp:message-retract:0', 'urn:xmpp:message-retract:1'] as const
const MODERATE = ['urn:xmpp:message-moderate:0', 'urn:xmpp:message-moderate:1'] as const
const AFFILIATIONS: readonly string[] = ['outcast', 'none', 'member', 'admin', 'owner']
const ROLES: readonly string[] = ['none', 'visitor', 'participant', 'moderator']
const DONE: Answer = []

/** The room's answer to a request, to itself or to one of its occupants. */
export function answerRoomRequest(room: MemoryRoom, stanza: XmlNode, peer: Peer): void {
  const { to = '', type } = stanza.attrs
  if (type !== 'get' && type !== 'set') return
  const nick = resourceOf(to)
  answerTo(stanza, peer, nick === undefined ? answer(room, stanza, peer) : answerOccupant(room, stanza, nick, peer))
}

/** XEP-0410 section 3.1, as Prosody does it. */
function answerOccupant(room: MemoryRoom, stanza: XmlNode, nick: string, peer: Peer): Answer {
  const seat = room.seatOf(peer)
  if (!room.exists) return refused('item-not-found')
  if (!seat) return refused('not-acceptable')
  if (seat.nick === nick && child(stanza, 'urn:xmpp:ping', 'ping')) return DONE
  return refused(room.seats.has(nick) ? 'service-unavailable' : 'item-not-found')
}

function answer(room: MemoryRoom, stanza: XmlNode, peer: Peer): Answer {
  const [query] = elementsOf(stanza)
  const isSet = stanza.attrs['type'] === 'set'
  const account = bareOf(peer.jid)
  const isOwner = room.affiliationOf(account) === 'owner'
  if (!query) return refused('bad-request')
  if (!room.exists) return room.gone ?? refused('item-not-found')
  switch (query.ns) {
    case NS_DISCO_INFO:
      return query.attrs['node'] === 'x-roomuser-item'
        ? reservedNick(room, account)
        : [roomInfo(room.settings, room.seats.size)]
    case NS_ITEMS:
      return [el(NS_ITEMS, 'query')]
    case NS_MAM:
      if (
        room.affiliationOf(account) === 'outcast' ||
        (room.settings.membersOnly && !isOwner && room.affiliationOf(account) === 'none')
      )
        return refused('forbidden')
      return isSet ? room.archive.answer(query, peer) : refused('feature-not-implemented')
    case NS_ADMIN:
      return isSet ? administer(room, query, peer) : list(room, query, peer)
    case NS_OWNER:
      if (!isOwner) return refused('forbidden')
      return isSet ? own(room, query) : [el(NS_OWNER, 'query', {}, settingsForm(room.settings))]
    case NS_REGISTER:
      return register(room, query, isSet, account)
    case NS_FASTEN:
    case MODERATE[1]:
      return moderate(room, query, peer)
    default:
      return refused('service-unavailable')
  }
}

function reservedNick(room: MemoryRoom, account: string): Answer {
  const name = room.reserved.get(account)
  const identity = name !== undefined && el(NS_DISCO_INFO, 'identity', { category: 'conference', type: 'text', name })
  return [el(NS_DISCO_INFO, 'query', { node: 'x-roomuser-item' }, identity)]
}

function list(room: MemoryRoom, query: XmlNode, peer: Peer): Answer {
  const { affiliation, role } = childrenOf(query, NS_ADMIN, 'item')[0]?.attrs ?? {}
  const rank = room.affiliationOf(bareOf(peer.jid))
  const seat = room.seatOf(peer)
  if (rank !== 'owner' && rank !== 'admin' && seat?.role !== 'moderator') return refused('forbidden')
  const items =
    role === undefined
      ? [...room.affiliations]
          .filter(([, is]) => is === affiliation)
          .map(([jid]) => el(NS_ADMIN, 'item', { jid, affiliation }))
      : [...room.seats.values()]
          .filter((each) => each.role === role)
          .map((each) =>
            el(NS_ADMIN, 'item', { nick: each.nick, role, affiliation: each.affiliation, jid: each.peers[0]?.jid }),
          )
  return [el(NS_ADMIN, 'query', {}, ...items)]
}

/** A role lasts as long as the visit, an affiliation longer (XEP-0045 sections 8, 9, 10). */
function administer(room: MemoryRoom, query: XmlNode, peer: Peer): Answer {
  const actor = room.seatOf(peer)
  const rank = AFFILIATIONS.indexOf(room.affiliationOf(bareOf(peer.jid)))
  for (const item of childrenOf(query, NS_ADMIN, 'item')) {
    const { nick, role, jid, affiliation } = item.attrs
    const reason = childText(item, NS_ADMIN, 'reason')
    const words = { ...(actor && { actor: actor.nick }), reason }
    const seat = nick === undefined ? undefined : room.seats.get(nick)
    if (role !== undefined) {
      if (!ROLES.includes(role)) return refused('bad-request')
      if (!seat) return refused('item-not-found')
      if (actor?.role !== 'moderator') return refused('forbidden')
      if (AFFILIATIONS.indexOf(seat.affiliation) > rank) return refused('not-allowed')
      if (role === 'none') room.remove(seat, { ...words, codes: [307] })
      // One of the five roles, as was just seen.
      else room.change(seat, { role: role as Role }, words)
    } else if (affiliation !== undefined) {
      const account = jid === undefined ? seat && accountOf(seat) : bareOf(jid)
      if (account === undefined || !AFFILIATIONS.includes(affiliation)) return refused('bad-request')
      const before = AFFILIATIONS.indexOf(room.affiliationOf(account))
      const isRaise = AFFILIATIONS.indexOf(affiliation) >= 3 || before >= 3
      if (rank < 3 || (isRaise && rank < 4)) return refused('forbidden')
      // One of the five affiliations, as was just seen.
      affiliate(room, account, affiliation as Affiliation, words)
    }
  }
  return DONE
}

/** Somebody is something else to the room from now on: who may not be in it any more is out. */
export function affiliate(
  room: MemoryRoom,
  account: string,
  affiliation: Affiliation,
  words: { readonly actor?: string; readonly reason?: string | undefined } = {},
): void {
  if (affiliation === 'none') room.affiliations.delete(account)
  else room.affiliations.set(account, affiliation)
  const seats = [...room.seats.values()].filter((seat) => accountOf(seat) === account)
  for (const seat of seats) {
    const now = { ...seat, affiliation }
    if (affiliation === 'outcast') room.remove(now, { ...words, codes: [301] })
    else if (affiliation === 'none' && room.settings.membersOnly) room.remove(now, { ...words, codes: [321] })
    else room.change(seat, { affiliation, role: roleAfter(seat, affiliation, room) }, words)
  }
  if (seats.length > 0) return
  const item = el(NS_USER, 'item', { jid: account, affiliation, role: 'none' })
  for (const { role, peers } of room.seats.values())
    for (const peer of role === 'moderator' ? peers : [])
      peer.deliver(stanzaEl('message', { from: room.jid, to: peer.jid }, [el(NS_USER, 'x', {}, item)]))
}

function roleAfter(seat: Seat, affiliation: Affiliation, room: MemoryRoom): Role {
  const first = firstRole(affiliation, room.settings.moderated)
  return ROLES.indexOf(first) > ROLES.indexOf(seat.role) ? first : seat.role
}

function own(room: MemoryRoom, query: XmlNode): Answer {
  const destroy = child(query, NS_OWNER, 'destroy')
  if (destroy) {
    room.destroy({ reason: childText(destroy, NS_OWNER, 'reason'), alternate: destroy.attrs['jid'] })
    return DONE
  }
  const form = readForm(query)
  if (form?.type === 'submit') configure(room, settingsIn(form, room.settings))
  return DONE
}

/** The room is something else from now on, and says so. */
export function configure(room: MemoryRoom, now: MemoryRoom['settings']): void {
  const before = room.settings
  room.settings = now
  const statuses = codesOfChange(before, now).map((code) => el(NS_USER, 'status', { code }))
  if (statuses.length > 0) room.tell([el(NS_USER, 'x', {}, ...statuses)])
  if (before.membersOnly || !now.membersOnly) return
  for (const seat of [...room.seats.values()]) if (seat.affiliation === 'none') room.remove(seat, { codes: [322] })
}

function register(room: MemoryRoom, query: XmlNode, isSet: boolean, account: string): Answer {
  const known = room.reserved.get(account)
  if (!isSet) {
    const registered = known !== undefined && el(NS_REGISTER, 'registered')
    const field = el(NS_FORMS, 'field', { var: 'muc#register_roomnick', type: 'text-single' }, el(NS_FORMS, 'required'))
    const form = el(NS_FORMS, 'x', { type: 'form' }, field)
    return [el(NS_REGISTER, 'query', {}, registered, textEl(NS_REGISTER, 'username', known), form)]
  }
  if (child(query, NS_REGISTER, 'remove')) {
    room.reserved.delete(account)
    return DONE
  }
  const nick = readForm(query)?.fields.find(({ name }) => name === 'muc#register_roomnick')?.values[0]
  if (!nick) return refused('bad-request')
  const taken = [...room.reserved].some(([other, each]) => each === nick && other !== account)
  if (taken) return refused('conflict')
  room.reserved.set(account, nick)
  if (room.affiliationOf(account) === 'none') affiliate(room, account, 'member')
  return DONE
}

/** A moderator takes back what somebody said (XEP-0425): the version of Prosody 0.12, and that of Prosody 13. */
function moderate(room: MemoryRoom, query: XmlNode, peer: Peer): Answer {
  const version = query.ns === NS_FASTEN ? 0 : 1
  const ns = MODERATE[version]
  const id = query.attrs['id'] ?? ''
  const word = version === 0 ? child(query, ns, 'moderate') : query
  const actor = room.seatOf(peer)
  const kept = room.archive.find(id)
  if (!word || !child(word, RETRACT[version], 'retract')) return refused('bad-request')
  if (actor?.role !== 'moderator') return refused('forbidden')
  if (!kept) return refused('item-not-found')
  const reason = textEl(ns, 'reason', childText(word, ns, 'reason'))
  const by = `${room.jid}/${actor.nick}`
  const moderated = (...inside: (XmlNode | undefined)[]): XmlNode =>
    el(ns, 'moderated', { by }, occupantIdEl(actor.occupantId), ...inside)
  room.archive.replace(id, {
    ...kept.stanza,
    children: [el(RETRACT[1], 'retracted', { id, stamp: writeDateTime(room.world.clock.nowMs()) }, moderated(reason))],
  })
  room.announce([
    version === 0
      ? el(NS_FASTEN, 'apply-to', { id }, moderated(el(RETRACT[0], 'retract'), reason))
      : el(RETRACT[1], 'retract', { id }, moderated(), textEl(RETRACT[1], 'reason', childText(word, ns, 'reason'))),
  ])
  return DONE
}
