// Rows R36a and R36f; check 58.
import { expect } from 'expect'
import { type Element, el, type RawClient } from '../../support/raw-client.ts'
import {
  inviteDirectly,
  inviteThrough,
  requestVoice,
  roomBarrier,
  setAffiliation,
  setRole,
} from '../../support/raw-room.ts'
import { presencesOf } from '../../support/stage.ts'
import { type Case, conform } from '../case.ts'
import { bareJid, guest, NICK, only, pair, pairIn, refused, settle, untilTabsAre } from '../steps.ts'
import { isJoin, sent } from '../wire.ts'

const NS_USER = 'http://jabber.org/protocol/muc#user'
const MODERATED = { 'muc#roomconfig_moderatedroom': true }

/** What a client was told of a refusal of its invitation. */
const declined = (client: RawClient, since: number): Element[] =>
  client.received(since).flatMap((stanza) => stanza.getChild('x', NS_USER)?.getChild('decline') ?? [])

/** The invitations that a client got, by whichever way. */
const invited = (client: RawClient, room: string, since: number): Element[] =>
  client
    .received(since)
    .filter(
      (s) =>
        s.is('message') &&
        (s.getChild('x', NS_USER)?.getChild('invite') !== undefined ||
          s.getChild('x', 'jabber:x:conference')?.attrs['jid'] === room),
    )

export const invites: readonly Case[] = [
  conform(
    'I01',
    'An invitation through the room is offered once in every tab; a tab that joins answers it for all, with one join.',
    async (setting) => {
      const { room, wire, bob } = setting
      const [first, second] = await pair(setting)
      const [mark, seen] = [wire.frames.mark(), bob.mark()]

      inviteThrough(bob, room, setting.account, 'come to the garden')
      for (const tab of [first, second]) await tab.sees({ name: 'invite' })
      await settle(setting)
      for (const tab of [first, second]) {
        const offers = only(await tab.told(), 'invite').map(({ event }) => event)
        expect(offers).toHaveLength(1)
        expect(offers[0]).toMatchObject({ room, reason: 'come to the garden', mediated: true })
        expect(await tab.invites()).toEqual([room])
      }

      await first.join(room, NICK)
      await settle(setting)

      for (const tab of [first, second]) {
        expect(only(await tab.told(), 'invite-closed').map(({ event }) => event)).toEqual([{ room }])
        expect(await tab.invites()).toEqual([])
      }
      expect(sent(wire, mark).filter(isJoin)).toHaveLength(1)
      expect(presencesOf(bob, `${room}/Juliet`, seen)).toEqual(['available'])
      expect((await second.state(room)).state).toBe('out')
    },
  ),

  conform(
    'I02',
    'An invitation that comes through the room and directly, and again, is one; a tab that attaches later sees it, too.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await pair(setting)

      inviteThrough(bob, room, setting.account)
      inviteDirectly(bob, room, setting.account, 'please')
      inviteThrough(bob, room, setting.account)
      await first.sees({ name: 'invite' })
      await settle(setting)

      for (const tab of [first, second]) {
        expect(only(await tab.told(), 'invite')).toHaveLength(1)
        expect(await tab.invites()).toEqual([room])
      }
      const third = await setting.tab()
      await third.inspect()
      expect(await third.invites()).toEqual([room])
    },
  ),

  conform(
    'I03',
    'The password that came with an invitation opens the room to a tab that joins without one.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await pair(setting)
      expect((await refused(second.join(room, NICK))).code).toBe('room-password-required')

      const words = { xmlns: 'jabber:x:conference', jid: room, password: 'capulet' }
      bob.send(el('message', { to: setting.account, id: 'an-invitation' }, el('x', words)))
      await first.sees({ name: 'invite', event: { room } })
      await first.join(room, NICK)

      expect((await first.state(room)).state).toBe('in')
      expect(await second.invites()).toEqual([])
    },
    { fields: { 'muc#roomconfig_passwordprotectedroom': true, 'muc#roomconfig_roomsecret': 'capulet' } },
  ),

  conform(
    'I04',
    'A tab that declines does so for all: the inviter is told once, and nobody joins.',
    async (setting) => {
      const { room, wire, bob } = setting
      const [first, second] = await pair(setting)
      inviteThrough(bob, room, setting.account)
      for (const tab of [first, second]) await tab.sees({ name: 'invite' })
      const [mark, seen] = [wire.frames.mark(), bob.mark()]

      await second.account('declineInvite', room, 'no time')
      await first.sees({ name: 'invite-closed' })
      await bob.waitFor((s) => s.getChild('x', NS_USER)?.getChild('decline') !== undefined, {
        what: 'the refusal of the invitation',
        since: seen,
      })
      await first.account('declineInvite', room, 'no time either')
      await settle(setting)

      const [refusal, ...others] = declined(bob, seen)
      expect(others).toEqual([])
      expect(refusal?.attrs['from']?.split('/', 1)[0]).toBe(setting.account)
      expect(refusal?.getChildText('reason')).toBe('no time')
      expect(sent(wire, mark).filter((s) => s.is('message'))).toHaveLength(1)
      expect(sent(wire, mark).filter(isJoin)).toEqual([])
      for (const tab of [first, second]) expect(await tab.invites()).toEqual([])
    },
  ),

  conform('I05', 'An invitation to a room where the account is already is offered to nobody.', async (setting) => {
    const { room, bob } = setting
    const other = await setting.makeRoom()
    const [first, second] = await pair(setting)
    await first.join(room, NICK)

    inviteThrough(bob, room, setting.account)
    inviteDirectly(bob, room, setting.account)
    inviteDirectly(bob, other, setting.account)
    await second.sees({ name: 'invite' })
    await settle(setting)

    for (const tab of [first, second]) {
      expect(only(await tab.told(), 'invite').map(({ event }) => event.room)).toEqual([other])
      expect(await tab.invites()).toEqual([other])
    }
  }),

  conform('I06', 'A tab asks somebody in; when they decline, that tab is told, and no other one.', async (setting) => {
    const { room, bob } = setting
    await setAffiliation(bob, room, setting.account, 'admin')
    const dave = await setting.client('dave')
    const [first, second] = await pairIn(setting)
    const [seen, before] = [dave.mark(), await second.mark()]

    await first.room(room, 'invite', bareJid(dave), 'come in')
    await dave.waitFor((s) => s.getChild('x', NS_USER)?.getChild('invite') !== undefined, {
      what: 'the invitation',
      since: seen,
    })
    await dave.barrier()
    const [invitation] = invited(dave, room, seen)
    expect(invited(dave, room, seen)).toHaveLength(1)
    const invite = invitation?.getChild('x', NS_USER)?.getChild('invite')
    expect(invite?.getChildText('reason')).toBe('come in')

    const decline = el('decline', { to: invite?.attrs['from'] ?? '' }, el('reason', {}, 'not today'))
    dave.send(el('message', { to: room, id: 'no' }, el('x', { xmlns: NS_USER }, decline)))
    await first.sees({ name: 'invite-declined' })
    await settle(setting)

    const told = only(await first.told(), 'invite-declined').map(({ event }) => event)
    expect(told).toHaveLength(1)
    expect(told[0]).toMatchObject({ room, reason: 'not today' })
    expect(told[0].from.split('/', 1)[0]).toBe(bareJid(dave))
    expect(await second.toldSince(before)).toEqual([])
  }),

  conform(
    'I07',
    'The refusal of an invitation of ours goes to every tab where the one that invited is gone.',
    async (setting) => {
      const { room, bob } = setting
      await setAffiliation(bob, room, setting.account, 'admin')
      const dave = await setting.client('dave')
      const [first, second] = await pairIn(setting)
      const third = await setting.tab()
      const seen = dave.mark()
      await second.room(room, 'invite', bareJid(dave))
      const invitation = await dave.waitFor((s) => s.getChild('x', NS_USER)?.getChild('invite') !== undefined, {
        what: 'the invitation',
        since: seen,
      })
      await second.close()
      await untilTabsAre(2, third)

      const inviter = invitation.getChild('x', NS_USER)?.getChild('invite')?.attrs['from'] ?? ''
      const x = el('x', { xmlns: NS_USER }, el('decline', { to: inviter }))
      dave.send(el('message', { to: room, id: 'no' }, x))

      for (const tab of [first, third]) await tab.sees({ name: 'invite-declined', event: { room } })
      await settle(setting, first, third)
      for (const tab of [first, third]) expect(only(await tab.told(), 'invite-declined')).toHaveLength(1)
    },
  ),

  conform(
    'I08',
    'An invitation that the room does not let us send is refused to the tab that asked, and the guest hears nothing.',
    async (setting) => {
      const { room, bob } = setting
      await setAffiliation(bob, room, setting.account, 'member')
      const dave = await setting.client('dave')
      const [first, second] = await pairIn(setting)
      const [seen, before] = [dave.mark(), await second.mark()]

      const error = await refused(first.room(room, 'invite', bareJid(dave)))
      await settle(setting)
      await dave.barrier()

      expect(['forbidden', 'not-allowed']).toContain(error.facts['condition'])
      expect(invited(dave, room, seen)).toEqual([])
      expect(await second.toldSince(before)).toEqual([])
    },
    { fields: { 'muc#roomconfig_membersonly': true, 'muc#roomconfig_allowinvites': false } },
  ),

  conform(
    'I20',
    'A visitor asks to speak from one tab; when a moderator allows it, every tab is told that it may.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await pairIn(setting)
      await setRole(bob, room, 'Juliet', 'visitor')
      await settle(setting)
      expect((await first.state(room)).self?.role).toBe('visitor')
      const [seen, before] = [bob.mark(), await second.mark()]

      await first.room(room, 'requestVoice')
      const form = await bob.waitFor((s) => s.is('message') && s.getChild('x', 'jabber:x:data') !== undefined, {
        what: 'the request for voice',
        since: seen,
      })
      await roomBarrier(bob, `${room}/Bob`)
      expect(bob.received(seen).filter((s) => s.getChild('x', 'jabber:x:data'))).toHaveLength(1)
      bob.send(el('message', { to: room, id: 'yes' }, allowed(form)))
      await second.sees({ name: 'occupant-changed', event: { occupant: { role: 'participant' } } }, { since: before })
      await settle(setting)

      for (const tab of [first, second]) expect((await tab.state(room)).self?.role).toBe('participant')
      expect(await second.toldSince(before)).toHaveLength(1)
      expect((await second.send(room, 'thank you')).state).toBe('delivered')
    },
    { fields: MODERATED },
  ),

  conform(
    'I21',
    'A visitor’s request is shown once to every tab of a moderator; one that allows it is enough, and the visitor may speak.',
    async (setting) => {
      const { room, bob } = setting
      await setAffiliation(bob, room, setting.account, 'admin')
      const dave = await guest(setting, 'Dave')
      await setRole(bob, room, 'Dave', 'visitor')
      const [first, second] = await pairIn(setting)
      expect((await first.state(room)).occupants['Dave']?.role).toBe('visitor')

      requestVoice(dave, room)
      for (const tab of [first, second]) await tab.sees({ room, name: 'voice-request' })
      await settle(setting)
      const [request] = only(await first.told(room), 'voice-request').map(({ event }) => event)
      expect(request).toMatchObject({ nick: 'Dave', role: 'participant' })
      for (const tab of [first, second]) expect(only(await tab.told(room), 'voice-request')).toHaveLength(1)

      await first.room(room, 'answerVoiceRequest', request, true)
      await settle(setting)

      for (const tab of [first, second]) expect((await tab.state(room)).occupants['Dave']?.role).toBe('participant')
      expect((await dave.say(room, 'thank you')).getChildText('body')).toBe('thank you')
    },
    { fields: MODERATED },
  ),
]

/** The form that a moderator got, filled in: yes. */
function allowed(message: Element): Element {
  const fields = message.getChild('x', 'jabber:x:data')?.getChildren('field') ?? []
  const filled = fields
    .filter((field) => field.attrs['var'] !== undefined && field.attrs['var'] !== 'muc#request_allow')
    .map((field) => el('field', { var: field.attrs['var'] }, el('value', {}, field.getChildText('value') ?? '')))
  const allow = el('field', { var: 'muc#request_allow' }, el('value', {}, 'true'))
  return el('x', { xmlns: 'jabber:x:data', type: 'submit' }, ...filled, allow)
}
