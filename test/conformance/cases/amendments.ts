// Rows R35; checks 16, 55: corrections, retractions and moderation, applied to the archive.
import { expect } from 'expect'
import { type Element, el, type RawClient } from '../../support/raw-client.ts'
import { type Case, conform, type Setting } from '../case.ts'
import { bodies, guest, NICK, only, pairIn, settle } from '../steps.ts'

const archiveId = (message: Element): string => message.getChild('stanza-id', 'urn:xmpp:sid:0')?.attrs['id'] ?? ''

function correct(client: RawClient, room: string, id: string, body: string): void {
  const replace = el('replace', { xmlns: 'urn:xmpp:message-correct:0', id })
  client.send(el('message', { to: room, type: 'groupchat', id: `${id}-again` }, el('body', {}, body), replace))
}

function retract(client: RawClient, room: string, id: string, ...more: Element[]): void {
  const retracts = el('retract', { xmlns: 'urn:xmpp:message-retract:1', id }, ...more)
  const store = el('store', { xmlns: 'urn:xmpp:hints' })
  client.send(el('message', { to: room, type: 'groupchat' }, retracts, store))
}

/** What the tabs have of a message, from the archive. */
async function kept(setting: Setting, at = 0) {
  const { messages } = (await setting.opened[at]?.room(setting.room, 'history', {})) ?? { messages: [] }
  return messages
}

export const amendments: readonly Case[] = [
  conform(
    'A01',
    'A correction changes the message in every tab and in the archive, and is no message by itself.',
    async (setting) => {
      const { room, bob } = setting
      const tabs = await pairIn(setting)
      await bob.say(room, 'teh end', { id: 'b1' })
      correct(bob, room, 'b1', 'the end')
      for (const tab of tabs) await tab.sees({ room, name: 'message-updated', event: { change: 'correction' } })
      await settle(setting)

      for (const tab of tabs) {
        const told = await tab.told(room)
        expect(bodies(told)).toEqual(['teh end'])
        expect(only(told, 'message-updated').map(({ event }) => event.message.body)).toEqual(['the end'])
      }
      expect((await kept(setting)).map(({ body }) => body)).toEqual(['the end'])
      expect(await tabs[0].account('search', 'teh')).toEqual([])
    },
  ),

  conform('A02', 'A correction by somebody else is no correction.', async (setting) => {
    const { room, bob } = setting
    const carol = await guest(setting, 'Carol')
    const [first] = await pairIn(setting)
    await bob.say(room, 'as I said', { id: 'b2' })
    correct(carol, room, 'b2', 'as I never said')
    await bob.say(room, 'end')
    await first.untilMessage('end')
    await settle(setting)

    expect(only(await first.told(room), 'message-updated')).toEqual([])
    expect((await kept(setting)).map(({ body }) => body)).toEqual(['as I said', 'end'])
  }),

  conform(
    'A03',
    'A retraction takes the words away, in every tab and in the archive; somebody else cannot retract.',
    async (setting) => {
      const { room, bob } = setting
      const carol = await guest(setting, 'Carol')
      const tabs = await pairIn(setting)
      const said = archiveId(await bob.say(room, 'forget it'))
      retract(carol, room, said)
      await carol.barrier()
      retract(bob, room, said)
      for (const tab of tabs) await tab.sees({ room, name: 'message-updated', event: { change: 'retraction' } })
      await settle(setting)

      for (const tab of tabs) expect(only(await tab.told(room), 'message-updated')).toHaveLength(1)
      expect(await kept(setting)).toMatchObject([{ id: said, body: '', retracted: true }])
      const late = await setting.tab()
      await late.join(room, NICK)
      expect(bodies(await late.told(room))).toEqual([])
    },
  ),

  conform(
    'A04',
    'A moderation by the room takes the words away; one that an occupant makes up does not.',
    async (setting) => {
      const { room, bob } = setting
      const carol = await guest(setting, 'Carol')
      const tabs = await pairIn(setting)
      const said = archiveId(await carol.say(room, 'rude words'))
      const moderated = el('moderated', { xmlns: 'urn:xmpp:message-moderate:1', by: `${room}/Bob` })
      retract(carol, room, said, moderated)
      await carol.barrier()
      await settle(setting)
      for (const tab of tabs) expect(only(await tab.told(room), 'message-updated')).toEqual([])

      const moderate = el(
        'apply-to',
        { xmlns: 'urn:xmpp:fasten:0', id: said },
        el(
          'moderate',
          { xmlns: 'urn:xmpp:message-moderate:0' },
          el('retract', { xmlns: 'urn:xmpp:message-retract:0' }),
        ),
      )
      await bob.request(el('iq', { type: 'set', to: room }, moderate))
      for (const tab of tabs) await tab.sees({ room, name: 'message-updated', event: { change: 'moderation' } })
      expect(await kept(setting)).toMatchObject([{ id: said, body: '', moderated: true }])
    },
    { needs: ['moderation of messages'] },
  ),

  conform(
    'A05',
    'What was corrected during an outage, or before a page of history was read, is read as it is now.',
    async (setting) => {
      const { room, bob, wire } = setting
      await bob.say(room, 'old tpyo', { id: 'b5' })
      for (let at = 0; at < 30; at++)
        bob.send(el('message', { to: room, type: 'groupchat' }, el('body', {}, `filler ${at}`)))
      correct(bob, room, 'b5', 'old typo')
      await bob.say(room, 'new tpyo', { id: 'b6' })
      const [first] = await pairIn(setting)
      expect((await first.room(room, 'history', { limit: 60 })).messages[0]?.body).toBe('old typo')

      const since = await first.mark()
      wire.refuse(true)
      wire.cut({ how: 'reset' })
      await first.sees({ name: 'interrupted' }, { since })
      correct(bob, room, 'b6', 'new typo')
      await bob.say(room, 'end')
      wire.refuse(false)
      await first.untilMessage('end', 20_000)
      await first.sees({ room, name: 'message-updated', event: { message: { body: 'new typo' } } })
      expect((await kept(setting)).slice(-2).map(({ body }) => body)).toEqual(['new typo', 'end'])
    },
    { resumes: false, deadlineMs: 60_000 },
  ),
]
