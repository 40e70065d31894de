import { bareOf } from '../protocol/jid.ts'
import { formValue, readForm, submitForm } from '../protocol/xep-0004-forms.ts'
import { NS_MUC_USER } from '../protocol/xep-0045-muc.ts'
import { child, el, textEl, type XmlNode } from '../protocol/xml.ts'
import type { MemoryRoom } from './memory-room.ts'
import { type Peer, refused, stanzaEl } from './peer.ts'

const REQUEST = 'http://jabber.org/protocol/muc#request'

/** What is for the room and not for everybody in it: invitations, refusals of them, a voice. @returns whether it was that */
export function takePost(room: MemoryRoom, stanza: XmlNode, peer: Peer): boolean {
  const user = child(stanza, NS_MUC_USER, 'x')
  const invite = user && child(user, NS_MUC_USER, 'invite')
  const decline = user && child(user, NS_MUC_USER, 'decline')
  const form = readForm(stanza)
  const seat = room.seatOf(peer)
  const isRequest = formValue(form, 'FORM_TYPE') === REQUEST
  if (decline) passOn(room, 'decline', decline, bareOf(peer.jid))
  else if (!seat && (invite || isRequest)) room.refuse(stanza, peer, refused('not-acceptable'))
  else if (invite && seat) {
    const invited = invite.attrs['to'] ?? ''
    if (room.settings.membersOnly && room.affiliationOf(invited) === 'none') {
      if (seat.role !== 'moderator') {
        room.refuse(stanza, peer, refused('forbidden'))
        return true
      }
      room.affiliations.set(invited, 'member')
    }
    passOn(room, 'invite', invite, `${room.jid}/${seat.nick}`)
  } else if (isRequest && seat) {
    const nick = formValue(form, 'muc#roomnick')
    const asked = nick === undefined ? undefined : room.seats.get(nick)
    if (nick === undefined) askForVoice(room, seat.nick, peer)
    else if (seat.role !== 'moderator') room.refuse(stanza, peer, refused('forbidden'))
    else if (asked && formValue(form, 'muc#request_allow') === 'true') room.change(asked, { role: 'participant' })
  } else return false
  return true
}

/** To somebody who need not be in the room, in the room's name (XEP-0045 section 7.8.2). */
function passOn(room: MemoryRoom, name: 'invite' | 'decline', { attrs, children }: XmlNode, from: string): void {
  const { to } = attrs
  if (to === undefined) return
  const { password } = room.settings
  const word: XmlNode = { name, ns: NS_MUC_USER, attrs: { from }, children }
  const secret = name === 'invite' && password !== '' ? password : undefined
  const user = el(NS_MUC_USER, 'x', {}, word, textEl(NS_MUC_USER, 'password', secret))
  const beside = name === 'invite' ? [el('jabber:x:conference', 'x', { jid: room.jid })] : []
  // An occupant who is refused is told in the room.
  const inRoom = to.startsWith(`${room.jid}/`) ? room.seats.get(to.slice(room.jid.length + 1)) : undefined
  const goals = inRoom ? inRoom.peers.map(({ jid }) => jid) : [to]
  for (const goal of goals) room.world.route(stanzaEl('message', { from: room.jid, to: goal }, [user, ...beside]))
}

/** The room asks its moderators (section 8.6). */
function askForVoice(room: MemoryRoom, nick: string, { jid }: Peer): void {
  const asked = submitForm(REQUEST, {
    'muc#role': 'participant',
    'muc#jid': jid,
    'muc#roomnick': nick,
    'muc#request_allow': false,
  })
  const form = { ...asked, attrs: { type: 'form' } }
  for (const { role, peers } of room.seats.values())
    for (const each of role === 'moderator' ? peers : [])
      each.deliver(stanzaEl('message', { from: room.jid, to: each.jid }, [form]))
}
