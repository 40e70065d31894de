// What is said between the account and one person: XEP-0280, XEP-0184, XEP-0333, XEP-0490.
import { expect } from 'expect'
import { el } from '../../support/raw-client.ts'
import { type Case, conform } from '../case.ts'
import {
  gotFrom,
  hasGot,
  listen,
  NS_CARBONS,
  NS_MARKERS,
  NS_RECEIPTS,
  pairWith,
  standing,
  states,
  tabsWith,
  tell,
} from '../chats-steps.ts'
import { bareJid, bodies, only, pairIn, refused, settle } from '../steps.ts'
import { sent } from '../wire.ts'
import { display, untilDisplayed } from './unread.ts'

export const chats: readonly Case[] = [
  conform(
    'V01',
    'What somebody says to the account every tab that listens is told once, and every tab sees how the chat stands.',
    async (setting) => {
      const { bob, account } = setting
      const [first, second] = await pairWith(setting)
      const third = await setting.tab()
      const jid = bareJid(bob)

      tell(bob, account, 'hark')
      for (const tab of [first, second]) await tab.untilMessage('hark')
      await third.sees({ name: 'chat', event: { jid, unread: 1, newest: { body: 'hark' } } })
      await settle(setting)

      for (const tab of [first, second]) {
        const told = only(await tab.told(jid), 'message').map(({ event }) => event)
        expect(told).toHaveLength(1)
        expect(told[0]).toMatchObject({ room: jid, nick: jid, to: account, own: false, state: 'delivered' })
      }
      expect(await third.told(jid)).toEqual([])
      expect(await third.chats()).toMatchObject({ [jid]: { unread: 1, newest: { body: 'hark' } } })
    },
  ),

  conform(
    'V02',
    'What a tab says goes out once, is told in every tab once, and its state tells of receipt and marker.',
    async (setting) => {
      const { bob, account, wire } = setting
      const [first, second] = await pairWith(setting)
      const jid = bareJid(bob)
      const mark = wire.frames.mark()

      const message = await first.chat(jid, 'send', 'hello')
      const got = await hasGot(bob, 'hello')
      expect(message).toMatchObject({ body: 'hello', state: 'sent', own: true, fromThisTab: true, to: jid })
      expect(got.getChild('request', NS_RECEIPTS)).toBeDefined()
      expect(got.getChild('markable', NS_MARKERS)).toBeDefined()
      const id = got.attrs['id'] ?? ''
      bob.send(el('message', { to: got.attrs['from'], type: 'chat' }, el('received', { xmlns: NS_RECEIPTS, id })))
      for (const tab of [first, second]) await tab.sees({ name: 'message-updated', event: { message: { id } } })
      bob.send(el('message', { to: account, type: 'chat' }, el('displayed', { xmlns: NS_MARKERS, id })))
      for (const tab of [first, second])
        await tab.sees({ name: 'message-updated', event: { message: { displayed: true } } })
      await settle(setting)

      for (const tab of [first, second])
        expect(states(await tab.told(jid), 'hello')).toEqual(['sent', 'delivered', 'displayed'])
      expect(gotFrom(bob, account)).toEqual(['hello'])
      expect(sent(wire, mark).filter((stanza) => stanza.is('message'))).toHaveLength(1)
    },
  ),

  conform('V03', 'What another device of the account says and gets every tab is told, once.', async (setting) => {
    const { bob, account } = setting
    const [first, second] = await pairWith(setting)
    const phone = await setting.device('phone')
    const jid = bareJid(bob)

    tell(phone, jid, 'from the phone')
    await hasGot(bob, 'from the phone')
    tell(bob, phone.jid, 'to the phone')
    for (const tab of [first, second]) await tab.untilMessage('to the phone')
    await settle(setting)

    for (const tab of [first, second]) {
      const told = only(await tab.told(jid), 'message').map(({ event }) => event)
      expect(told.map(({ body, own, nick }) => ({ body, own, nick }))).toEqual([
        { body: 'from the phone', own: true, nick: account },
        { body: 'to the phone', own: false, nick: jid },
      ])
    }
    expect(standing(await first.told(), jid)).toMatchObject({ unread: 1 })
  }),

  conform(
    'V04',
    'What a tab says other devices get as the server copies it, and a copy that anybody else makes up is nothing.',
    async (setting) => {
      const { bob, account } = setting
      const [first, second] = await pairWith(setting)
      const phone = await setting.device('phone')
      await phone.request(el('iq', { type: 'set' }, el('enable', { xmlns: NS_CARBONS })))
      const jid = bareJid(bob)
      const inside = el(
        'message',
        { xmlns: 'jabber:client', from: account, to: jid, type: 'chat' },
        el('body', {}, 'forged'),
      )
      const forwarded = el('forwarded', { xmlns: 'urn:xmpp:forward:0' }, inside)

      for (const from of [bob, phone])
        from.send(el('message', { to: account, type: 'chat' }, el('sent', { xmlns: NS_CARBONS }, forwarded)))
      await first.chat(jid, 'send', 'true')
      const copy = await phone.waitFor(
        (s) => s.getChild('sent', NS_CARBONS) !== undefined && s.attrs['from'] === account,
        { what: 'the copy' },
      )
      await settle(setting)

      expect(copy.getChild('sent')?.getChild('forwarded')?.getChild('message')?.getChildText('body')).toBe('true')
      for (const tab of [first, second]) expect(bodies(await tab.told(jid))).toEqual(['true'])
    },
  ),

  conform(
    'V05',
    'What is read in one tab is read in all, other devices and its sender hear of it; what they have read is read here.',
    async (setting) => {
      const { bob, account } = setting
      const [first, second] = await pairWith(setting)
      const phone = await setting.device('phone')
      const jid = bareJid(bob)
      tell(bob, account, 'one', el('markable', { xmlns: NS_MARKERS }))
      tell(bob, account, 'two', el('markable', { xmlns: NS_MARKERS }))
      const message = (await first.untilMessage('two')).event
      for (const tab of [first, second]) await tab.sees({ name: 'unread', event: { room: jid, unread: 2 } })

      await second.chat(jid, 'markDisplayed', message.id)

      for (const tab of [first, second]) await tab.sees({ name: 'unread', event: { room: jid, unread: 0 } })
      const marker = await bob.waitFor((s) => s.getChild('displayed', NS_MARKERS) !== undefined, { what: 'the marker' })
      expect(marker.getChild('displayed')?.attrs['id']).toBe('id-two')
      await untilDisplayed(phone, jid, message.id)

      tell(bob, account, 'three')
      const third = (await first.untilMessage('three')).event
      await first.sees({ name: 'unread', event: { room: jid, unread: 1 } })
      const mark = await first.mark()
      await display(phone, jid, third.id, account)
      await first.sees({ name: 'unread', event: { room: jid, unread: 0 } }, { since: mark })
    },
  ),

  conform(
    'V06',
    'A message that nobody sees makes one notification, in one tab; one that a tab shows makes none, and is read.',
    async (setting) => {
      const { bob, account } = setting
      const [first, second] = await pairWith(setting)
      const jid = bareJid(bob)

      tell(bob, account, 'psst')
      await second.untilMessage('psst')
      await first.chat(jid, 'setShown', true)
      await second.sees({ name: 'unread', event: { room: jid, unread: 0 } })
      tell(bob, account, 'seen')
      await second.untilMessage('seen')
      await settle(setting)

      const notes = await Promise.all([first, second].map(async (tab) => only(await tab.told(), 'notify')))
      expect(notes.flat().map(({ event }) => [event.room, event.message.body, event.reason])).toEqual([
        [jid, 'psst', 'private'],
      ])
      expect(standing(await second.told(), jid)).toMatchObject({ unread: 0, newest: { body: 'seen' } })
    },
  ),

  conform('V07', 'What the account says to itself every tab has once, and so has the archive.', async (setting) => {
    const { account } = setting
    const [first, second] = await tabsWith(setting, 2, account)
    if (!first || !second) throw new Error('there are to be two tabs')

    await first.chat(account, 'send', 'do not forget')
    await second.untilMessage('do not forget')
    await settle(setting)

    for (const tab of [first, second]) {
      expect(bodies(await tab.told(account))).toEqual(['do not forget'])
      const { messages } = await tab.chat(account, 'history')
      expect(messages.map(({ body }) => body)).toEqual(['do not forget'])
    }
  }),

  conform('V08', 'Somebody who is blocked is not heard, and what goes to nobody has failed.', async (setting) => {
    const { bob, account, server } = setting
    const [first, second] = await pairWith(setting)
    await first.blocking('block', bareJid(bob))

    tell(bob, account, 'blocked')
    await settle(setting)
    await second.blocking('unblock', bareJid(bob))
    tell(bob, account, 'heard')
    for (const tab of [first, second]) await tab.untilMessage('heard')
    for (const tab of [first, second]) expect(bodies(await tab.told(bareJid(bob)))).toEqual(['heard'])

    const nobody = `nobody-at-all@${server.domain}`
    await listen(second, nobody)
    const error = await refused(first.chat(nobody, 'send', 'anybody?'))
    expect(error).toMatchObject({ code: 'stanza-error', facts: { condition: 'service-unavailable' } })
    await settle(setting)
    expect(bodies(await second.told(nobody))).toEqual([])
  }),

  conform('V09', 'Whom the account talks to gets receipts; strangers get none.', async (setting) => {
    const { bob, account } = setting
    const carol = await setting.client('carol')
    await pairWith(setting)

    for (const who of [bob, carol]) tell(who, account, 'arrived?', el('request', { xmlns: NS_RECEIPTS }))

    const receipt = await bob.waitFor((s) => s.getChild('received', NS_RECEIPTS) !== undefined, { what: 'the receipt' })
    expect(receipt.getChild('received')?.attrs['id']).toBe('id-arrived?')
    await settle(setting)
    await carol.barrier()
    expect(carol.received(0).filter((s) => s.getChild('received', NS_RECEIPTS))).toEqual([])
  }),

  conform(
    'V10',
    'A browser that comes to it late has the conversations, reads them back to their beginning, and finds what was said.',
    async (setting) => {
      const { bob, account } = setting
      const jid = bareJid(bob)
      const phone = await setting.device('phone')
      // Its presence has arrived: what is said to the account comes to it.
      await phone.barrier()
      for (let at = 1; at <= 70; at++) {
        if (at % 2) tell(bob, account, `word${at}`)
        else tell(phone, jid, `word${at}`)
      }
      await hasGot(bob, 'word70')
      await hasGot(phone, 'word69')

      const tab = await setting.tab()
      await tab.sees({ name: 'chat', event: { jid, unread: 0, newest: { body: 'word70' } } })
      const last = await tab.chat(jid, 'history', { limit: 20 })
      const [oldest] = last.messages
      const rest = await tab.chat(jid, 'history', { before: oldest?.id ?? '', limit: 100 })

      const all = [...rest.messages, ...last.messages]
      expect(all.map(({ body }) => body).sort()).toEqual(Array.from({ length: 70 }, (_, at) => `word${at + 1}`).sort())
      expect(new Set(all.map(({ id }) => id)).size).toBe(70)
      expect(all.filter(({ own }) => own)).toHaveLength(35)
      expect(rest.atStart).toBe(true)
      const found = await tab.account('search', 'word33')
      expect(found.map(({ room, body }) => [room, body])).toEqual([[jid, 'word33']])
    },
  ),

  conform(
    'V12',
    'A message is corrected, reacted to, answered and taken back by whoever may, in every tab and for the other side.',
    async (setting) => {
      const { bob, account } = setting
      const [first, second] = await pairWith(setting)
      const jid = bareJid(bob)
      const message = await first.chat(jid, 'send', 'helo')
      const id = (await hasGot(bob, 'helo')).attrs['id'] ?? ''
      tell(bob, account, 'what?')
      const question = (await first.untilMessage('what?')).event

      await second.chat(jid, 'correct', message.id, 'hello')
      expect((await hasGot(bob, 'hello')).getChild('replace')?.attrs['id']).toBe(id)
      await first.chat(jid, 'react', question.id, '👍')
      const reaction = await bob.waitFor((s) => s.getChild('reactions') !== undefined, { what: 'the reaction' })
      expect(reaction.getChild('reactions')?.attrs['id']).toBe('id-what?')
      const answer = await first.chat(jid, 'reply', question.id, 'that')
      expect(answer).toMatchObject({ body: 'that', replyTo: question.originId })
      const reactions = el('reactions', { xmlns: 'urn:xmpp:reactions:0', id }, el('reaction', {}, '🎉'))
      bob.send(el('message', { to: account, type: 'chat', id: 'r1' }, reactions))
      await second.sees({
        name: 'message-updated',
        event: { message: { body: 'hello', reactions: [{ emoji: '🎉', nicks: [jid] }] } },
      })
      const forged = el('retract', { xmlns: 'urn:xmpp:message-retract:1', id })
      bob.send(el('message', { to: account, type: 'chat', id: 'r2' }, forged))
      const retract = el('retract', { xmlns: 'urn:xmpp:message-retract:1', id: 'id-what?' })
      bob.send(el('message', { to: account, type: 'chat', id: 'r3' }, retract))
      await second.sees({ room: jid, name: 'message-updated', event: { change: 'retraction' } })
      await settle(setting)

      for (const tab of [first, second]) {
        const { messages } = await tab.chat(jid, 'history')
        expect(messages.map(({ body, retracted = false }) => [body, retracted])).toEqual([
          ['hello', false],
          ['', true],
          ['that', false],
        ])
      }
    },
  ),

  conform(
    'V11',
    'What an occupant of a room says to us alone is no chat, and stays with the room.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await pairIn(setting)
      const x = el('x', { xmlns: 'http://jabber.org/protocol/muc#user' })
      bob.send(el('message', { to: `${room}/Juliet`, type: 'chat', id: 'psst' }, el('body', {}, 'psst'), x))
      await first.sees({ room, name: 'private-message' })
      await first.room(room, 'sendPrivate', 'Bob', 'the answer')
      await settle(setting)

      for (const tab of [first, second]) expect(await tab.chats()).toEqual({})
      const late = await setting.openTab()
      await setting.connect(late)
      expect(await late.chats()).toEqual({})
    },
  ),
]
