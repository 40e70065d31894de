import { readForm } from '../../../src/protocol/xep-0004-forms.ts'
import { NS_DISCO_INFO } from '../../../src/protocol/xep-0030-disco.ts'
import { NS_MAM } from '../../../src/protocol/xep-0313-mam.ts'
import { child, childrenOf, type XmlNode } from '../../../src/protocol/xml.ts'
import { answerArchiveQuery } from './fake-mam.ts'
import { type FakeRoom, isOf } from './fake-muc.ts'
import type { FakeStream } from './fake-upstream.ts'
import { notice, said } from './room-xml.ts'
import { errorXml, escapeXml } from './xml.ts'

const NS_ADMIN = 'http://jabber.org/protocol/muc#admin'
const NS_OWNER = 'http://jabber.org/protocol/muc#owner'
const NS_REGISTER = 'jabber:iq:register'
const ROOM_CONFIG = 'http://jabber.org/protocol/muc#roomconfig'

/** What a request is answered with: what the result holds, or a condition. */
export type Answer = { readonly result: string } | { readonly error: string }
const DONE: Answer = { result: '' }

/** A room's answer to a request of the account, to the room itself or to an occupant. */
export function answerRoomRequest(room: FakeRoom, node: XmlNode, stream: FakeStream): void {
  const { to = '', id = '' } = node.attrs
  const page = child(node, NS_MAM, 'query')
  if (page && room.mam === 'silent') return
  const condition = room.refuseRequest(node)
  const answer = condition === undefined ? answerTo(room, node, stream) : { error: condition }
  const at = `from='${escapeXml(to)}' id='${escapeXml(id)}'`
  if ('error' in answer) stream.deliver(`<iq type='error' ${at}>${errorXml(answer.error)}</iq>`)
  else stream.deliver(`<iq type='result' ${at}>${answer.result}</iq>`)
}

function answerTo(room: FakeRoom, node: XmlNode, stream: FakeStream): Answer {
  const { to = '', type } = node.attrs
  if (child(node, 'urn:xmpp:ping', 'ping')) return pinged(room, to.slice(room.jid.length + 1), stream)
  const disco = child(node, NS_DISCO_INFO, 'query')
  if (disco) return { result: discoOf(room, disco.attrs['node']) }
  const page = child(node, NS_MAM, 'query')
  if (page) return answerArchiveQuery(room, page, stream)
  const admin = child(node, NS_ADMIN, 'query')
  if (admin) return type === 'get' ? { result: listOf(room, admin) } : administer(room, admin)
  const owner = child(node, NS_OWNER, 'query')
  if (owner) return type === 'get' ? { result: formOf(room) } : own(room, owner)
  const moderate = child(node, 'urn:xmpp:message-moderate:1', 'moderate')
  if (moderate) {
    const retracts = `<retract xmlns='urn:xmpp:message-retract:1' id='${moderate.attrs['id']}'>`
    room.tell(
      said(undefined, undefined, { inside: `${retracts}<moderated xmlns='urn:xmpp:message-moderate:1'/></retract>` }),
    )
    return DONE
  }
  if (child(node, NS_REGISTER, 'query')) return register(room, node)
  return { error: 'service-unavailable' }
}

/** XEP-0410 section 3.1: who is there is told so, who is not is not acceptable. */
function pinged({ occupants }: FakeRoom, nick: string, stream: FakeStream): Answer {
  if (![...occupants.values()].some((occupant) => isOf(occupant, stream))) return { error: 'not-acceptable' }
  return occupants.has(nick) ? DONE : { error: 'item-not-found' }
}

function discoOf({ features, form, reservedNick }: FakeRoom, node: string | undefined): string {
  if (node === 'x-roomuser-item') {
    const name = reservedNick && `<identity category='conference' type='text' name='${reservedNick}'/>`
    return `<query xmlns='${NS_DISCO_INFO}' node='${node}'>${name ?? ''}</query>`
  }
  const name = escapeXml(form.get('muc#roomconfig_roomname') ?? '')
  const listed = features.map((feature) => `<feature var='${feature}'/>`).join('')
  return `<query xmlns='${NS_DISCO_INFO}'><identity category='conference' type='text' name='${name}'/>${listed}</query>`
}

function listOf({ occupants, affiliations }: FakeRoom, query: XmlNode): string {
  const { affiliation, role } = childrenOf(query, NS_ADMIN, 'item')[0]?.attrs ?? {}
  const items = role
    ? [...occupants]
        .filter(([, { words }]) => words.role === role)
        .map(([nick]) => `<item nick='${nick}' role='${role}'/>`)
    : [...affiliations]
        .filter(([, is]) => is === affiliation)
        .map(([jid]) => `<item jid='${jid}' affiliation='${affiliation}'/>`)
  return `<query xmlns='${NS_ADMIN}'>${items.join('')}</query>`
}

/** A role ends or changes what an occupant may; an affiliation is kept, and where it bans it throws out, too. */
function administer(room: FakeRoom, query: XmlNode): Answer {
  const [item] = childrenOf(query, NS_ADMIN, 'item')
  const { nick, role, jid, affiliation } = item?.attrs ?? {}
  const actor = { actor: 'juliet' }
  if (nick !== undefined && role !== undefined) {
    if (!room.occupants.has(nick)) return { error: 'item-not-found' }
    if (role === 'none') room.exit(nick, { ...actor, codes: [307] })
    else room.change(nick, { ...actor, role })
  }
  if (jid !== undefined && affiliation !== undefined) {
    room.affiliations.set(jid, affiliation)
    const found = [...room.occupants].find(([, { words }]) => words.jid?.startsWith(`${jid}/`))
    if (!found) room.tell(notice([], `<item jid='${jid}' affiliation='${affiliation}' role='none'/>`, ''))
    else if (affiliation === 'outcast') room.exit(found[0], { ...actor, codes: [301], affiliation })
    else room.change(found[0], { ...actor, affiliation })
  }
  return DONE
}

function formOf({ form }: FakeRoom): string {
  const fields = [...form].map(([name, value]) => `<field var='${name}'><value>${escapeXml(value)}</value></field>`)
  const type = `<field var='FORM_TYPE' type='hidden'><value>${ROOM_CONFIG}</value></field>`
  return `<query xmlns='${NS_OWNER}'><x xmlns='jabber:x:data' type='form'><title>Configuration</title>${type}${fields.join('')}</x></query>`
}

function own(room: FakeRoom, query: XmlNode): Answer {
  const destroy = child(query, NS_OWNER, 'destroy')
  if (destroy) {
    const alternate = destroy.attrs['jid']
    const inside = `<destroy${alternate === undefined ? '' : ` jid='${alternate}'`}/>`
    for (const nick of [...room.occupants.keys()]) room.exit(nick, { inside })
    return DONE
  }
  const form = readForm(query)
  if (form?.type === 'cancel') return DONE
  for (const { name, values } of form?.fields ?? []) if (name !== 'FORM_TYPE') room.form.set(name, values[0] ?? '')
  room.tell(notice([104]))
  return DONE
}

function register(room: FakeRoom, node: XmlNode): Answer {
  if (node.attrs['type'] === 'set') {
    const query = child(node, NS_REGISTER, 'query')
    const nick = query && readForm(query)?.fields.find(({ name }) => name === 'muc#register_roomnick')?.values[0]
    room.reservedNick = nick
    return DONE
  }
  if (room.reservedNick !== undefined) {
    return { result: `<query xmlns='${NS_REGISTER}'><registered/><username>${room.reservedNick}</username></query>` }
  }
  const field = "<field var='muc#register_roomnick' type='text-single'><required/></field>"
  return { result: `<query xmlns='${NS_REGISTER}'><x xmlns='jabber:x:data' type='form'>${field}</x></query>` }
}
