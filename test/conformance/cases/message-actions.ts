// Row R35; checks 54 and 55: what this account does to messages, and what others do while it is away.
import { expect } from 'expect'
import type { Message } from '../../../src/index.ts'
import type { Tab } from '../../support/browser/tab.ts'
import { type Element, el, type RawClient } from '../../support/raw-client.ts'
import { setRole } from '../../support/raw-room.ts'
import { type Case, conform, type Setting } from '../case.ts'
import { bodies, guest, NICK, only, pairIn, refused, settle } from '../steps.ts'

const THUMB = '👍'
const PARTY = '🎉'
const NS_REACTIONS = 'urn:xmpp:reactions:0'
const NS_RETRACT = 'urn:xmpp:message-retract:1'
const NS_REPLY = 'urn:xmpp:reply:0'
const NS_CORRECT = 'urn:xmpp:message-correct:0'
const store = () => el('store', { xmlns: 'urn:xmpp:hints' })
const archiveId = (message: Element): string => message.getChild('stanza-id', 'urn:xmpp:sid:0')?.attrs['id'] ?? ''

/** A message of a client that has no text of its own. */
const tell = (client: RawClient, room: string, ...what: Element[]): void =>
  client.send(el('message', { to: room, type: 'groupchat' }, ...what, store()))
const reactions = (id: string, ...emojis: readonly string[]): Element =>
  el('reactions', { xmlns: NS_REACTIONS, id }, ...emojis.map((each) => el('reaction', {}, each)))
const retract = (id: string): Element => el('retract', { xmlns: NS_RETRACT, id })
const replace = (id: string): Element => el('replace', { xmlns: NS_CORRECT, id })

/** The messages of the account that hold this, as Bob got them since a mark. */
const atBob = ({ bob, room }: Setting, since: number, name: string, ns: string): Element[] =>
  bob
    .received(since)
    .filter((s) => s.is('message') && s.attrs['from'] === `${room}/${NICK.nick}`)
    .flatMap((s) => s.getChild(name, ns) ?? [])

const updates = async (tab: Tab, room: string): Promise<unknown[]> =>
  only(await tab.told(room), 'message-updated').map(({ event }) => [event.change, event.message.id, event.message.body])

/** What a browser that knows nothing has of the room, from the room's archive. */
async function anew(setting: Setting): Promise<readonly Message[]> {
  await settle(setting)
  await setting.opened.at(-1)?.account('logout', { wipe: true })
  // More than a room tells by itself whoever comes: what is before it is in the archive alone.
  for (let at = 1; at <= 25; at++)
    setting.bob.send(el('message', { to: setting.room, type: 'groupchat' }, el('body', {}, `${at}`)))
  await setting.bob.say(setting.room, 'last')
  const tab = await setting.tab()
  await tab.join(setting.room, NICK)
  const { messages } = await tab.room(setting.room, 'history', { limit: 100 })
  return messages.slice(0, -26)
}

export const messageActions: readonly Case[] = [
  conform(
    'M50',
    'A correction names the id of the first version, each time; every tab and the archive have the last one.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await pairIn(setting)
      const since = bob.mark()
      const { id, originId } = await first.send(room, 'teh end')

      const once = await first.room(room, 'correct', id, 'the end')
      const twice = await second.room(room, 'correct', id, 'The end.')
      await settle(setting)

      expect([once, twice]).toMatchObject([
        { id, body: 'the end', own: true },
        { id, body: 'The end.' },
      ])
      expect(atBob(setting, since, 'replace', NS_CORRECT).map(({ attrs }) => attrs['id'])).toEqual([originId, originId])
      for (const tab of [first, second]) {
        expect(bodies(await tab.told(room))).toEqual(['teh end'])
        expect(await updates(tab, room)).toEqual([
          ['correction', id, 'the end'],
          ['correction', id, 'The end.'],
        ])
      }
      const theirs = archiveId(await bob.say(room, 'mine'))
      await second.untilMessage('mine')
      expect((await refused(first.room(room, 'correct', theirs, 'x'))).code).toBe('forbidden')
      expect((await anew(setting)).map(({ body }) => body)).toEqual(['The end.', 'mine'])
    },
    { deadlineMs: 60_000 },
  ),

  conform(
    'M51',
    'A retraction names the id that the room gave, is kept by the archive, and takes the words away in every tab.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await pairIn(setting)
      const since = bob.mark()
      const { id } = await first.send(room, 'forget it')

      expect(await second.room(room, 'retract', id)).toMatchObject({ id, body: '', retracted: true })
      await settle(setting)

      expect(atBob(setting, since, 'retract', NS_RETRACT).map(({ attrs }) => attrs['id'])).toEqual([id])
      expect(atBob(setting, since, 'store', 'urn:xmpp:hints')).toHaveLength(1)
      for (const tab of [first, second]) expect(await updates(tab, room)).toEqual([['retraction', id, '']])
      const theirs = archiveId(await bob.say(room, 'mine'))
      await first.untilMessage('mine')
      expect((await refused(first.room(room, 'retract', theirs))).code).toBe('forbidden')
      expect((await refused(first.room(room, 'retract', 'none'))).facts).toMatchObject({ condition: 'item-not-found' })
      expect(await anew(setting)).toMatchObject([{ id, body: '', retracted: true }, { body: 'mine' }])
    },
    { deadlineMs: 60_000 },
  ),

  conform(
    'M52',
    'Reactions of all are summed up on their message; ours, from whatever tab or device, take the place of those before.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await pairIn(setting)
      const since = bob.mark()
      const id = archiveId(await bob.say(room, 'a question'))
      await first.untilMessage('a question')

      const one = await first.room(room, 'react', id, THUMB)
      expect(one.reactions).toEqual([{ emoji: THUMB, nicks: [NICK.nick], own: true }])
      await second.room(room, 'react', id, [PARTY, THUMB])
      tell(bob, room, reactions(id, THUMB))
      for (const tab of [first, second])
        await tab.sees({
          name: 'message-updated',
          event: { message: { reactions: [{}, { nicks: [NICK.nick, 'Bob'] }] } },
        })
      const phone = await setting.device('phone')
      await phone.join(room, NICK.nick)
      const before = await first.mark()
      tell(phone, room, reactions(id, PARTY))
      await first.sees({ name: 'message-updated', event: { change: 'reaction' } }, { since: before })

      const after = [
        { emoji: PARTY, nicks: [NICK.nick], own: true },
        { emoji: THUMB, nicks: ['Bob'], own: false },
      ]
      const { messages } = await second.room(room, 'history', {})
      expect(messages[0]?.reactions).toEqual(after)
      expect(atBob(setting, since, 'reactions', NS_REACTIONS).map(({ attrs }) => attrs['id'])).toEqual([id, id, id])
      expect(bodies(await first.told(room))).toEqual(['a question'])
      await phone.leave(room, NICK.nick).catch(() => undefined) // the nick stays with the tabs
      expect((await anew(setting))[0]?.reactions).toEqual(after)
    },
    { deadlineMs: 60_000 },
  ),

  conform(
    'M53',
    'Reactions that are taken back are gone in every tab and in the archive.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await pairIn(setting)
      const id = archiveId(await bob.say(room, 'a question'))
      await first.untilMessage('a question')
      await first.room(room, 'react', id, [THUMB, PARTY])

      expect((await second.room(room, 'react', id, [])).reactions).toEqual([])

      await first.sees({ name: 'message-updated', event: { message: { reactions: [] } } })
      expect((await anew(setting))[0]?.reactions).toEqual([])
    },
    { deadlineMs: 60_000 },
  ),

  conform(
    'M54',
    'An answer names its message by the id of the room, quotes it for others, and is shown without the quotation.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await pairIn(setting)
      const since = bob.mark()
      const id = archiveId(await bob.say(room, 'shall I\ncome?'))
      await first.untilMessage('shall I\ncome?')

      const sent = await first.room(room, 'reply', id, 'do')
      expect(sent).toMatchObject({ body: 'do', replyTo: id, state: 'delivered' })
      expect((await second.untilMessage('do')).event).toMatchObject({ replyTo: id })
      await settle(setting)

      expect(atBob(setting, since, 'reply', NS_REPLY).map(({ attrs }) => attrs)).toEqual([
        expect.objectContaining({ id, to: `${room}/Bob` }),
      ])
      const quoted = '> Bob:\n> shall I\n> come?\n'
      const [body] = atBob(setting, since, 'body', 'jabber:client')
      expect(body?.getText()).toBe(`${quoted}do`)
      const back = el('fallback', { xmlns: 'urn:xmpp:fallback:0', for: NS_REPLY }, el('body', { start: '0', end: '8' }))
      const answer = [el('body', {}, '> quote\nwell'), el('reply', { xmlns: NS_REPLY, id: sent.id }), back]
      bob.send(el('message', { to: room, type: 'groupchat' }, ...answer))
      expect((await second.untilMessage('well')).event).toMatchObject({ replyTo: sent.id })
      expect((await anew(setting)).map(({ body, replyTo }) => [body, replyTo])).toEqual([
        ['shall I\ncome?', undefined],
        ['do', id],
        ['well', sent.id],
      ])
    },
    { deadlineMs: 60_000 },
  ),

  conform(
    'M55',
    'A moderator takes somebody else’s message away by the room; who is none is refused.',
    async (setting) => {
      const { room, bob } = setting
      const carol = await guest(setting, 'Carol')
      const [first, second] = await pairIn(setting)
      const id = archiveId(await carol.say(room, 'rude words'))
      await first.untilMessage('rude words')
      expect((await refused(first.room(room, 'moderate', id))).code).toBe('forbidden')
      await setRole(bob, room, NICK.nick, 'moderator')

      expect(await first.room(room, 'moderate', id, 'rude')).toMatchObject({ id, body: '', moderated: true })

      await second.sees({ name: 'message-updated', event: { change: 'moderation' } })
      await settle(setting)
      for (const tab of [first, second]) expect(await updates(tab, room)).toEqual([['moderation', id, '']])
      const found = (await anew(setting)).filter((message) => message.body !== '' || !message.moderated)
      expect(found).toEqual([])
    },
    { needs: ['moderation of messages'], deadlineMs: 60_000 },
  ),

  conform('M56', 'A room that cannot moderate is not asked.', async (setting) => {
    const { room, bob, can } = setting
    const [first] = await pairIn(setting)
    const id = archiveId(await bob.say(room, 'words'))
    await first.untilMessage('words')

    const { code, facts } = await refused(first.room(room, 'moderate', id))

    if (can.has('moderation of messages')) expect(code).toBe('forbidden')
    else expect(facts).toMatchObject({ code: 'stanza-error', condition: 'feature-not-implemented' })
  }),

  conform(
    'M57',
    'Spoilers, calls for attention and marks of names go out and come back; a mark of our name mentions us.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await pairIn(setting)
      const since = bob.mark()
      const words = { body: '😀 Bob wins', spoiler: 'the end', attention: true, mentions: ['Bob'] }

      const sent = await first.room(room, 'send', words)

      const beside = { spoiler: 'the end', attention: true, mentions: [{ jid: `${room}/Bob`, begin: 2, end: 5 }] }
      expect(sent).toMatchObject(beside)
      expect((await second.untilMessage(words.body)).event).toMatchObject(beside)
      await settle(setting)
      expect(atBob(setting, since, 'spoiler', 'urn:xmpp:spoiler:0')[0]?.getText()).toBe('the end')
      expect(atBob(setting, since, 'attention', 'urn:xmpp:attention:0')).toHaveLength(1)
      expect(atBob(setting, since, 'reference', 'urn:xmpp:reference:0')[0]?.attrs).toMatchObject({
        type: 'mention',
        uri: `xmpp:${room}/Bob`,
        begin: '2',
        end: '5',
      })
      const mark = el('reference', { xmlns: 'urn:xmpp:reference:0', type: 'mention', uri: `xmpp:${room}/${NICK.nick}` })
      bob.send(el('message', { to: room, type: 'groupchat' }, el('body', {}, 'what do you say?'), mark))
      for (const tab of [first, second])
        expect((await tab.untilMessage('what do you say?')).event.mentionsMe).toBe(true)
      expect(await anew(setting)).toMatchObject([beside, { mentionsMe: true }])
    },
    { deadlineMs: 60_000 },
  ),

  conform(
    'M58',
    'What is done while there is no connection goes out once, in its order, when there is one.',
    async (setting) => {
      const { room, bob, wire } = setting
      const [first] = await pairIn(setting)
      const id = archiveId(await bob.say(room, 'a question'))
      const { id: mine } = await first.send(room, 'teh answer')
      await settle(setting)
      const [since, mark] = [bob.mark(), await first.mark()]
      wire.refuse(true)
      wire.cut({ how: 'reset' })
      await first.sees({ name: 'interrupted' }, { since: mark })

      const done = Promise.all([
        first.room(room, 'correct', mine, 'the answer'),
        first.room(room, 'react', id, THUMB),
        first.send(room, 'that is it'),
      ])
      await first.sees({ room, name: 'message-updated', event: { message: { body: 'that is it', state: 'queued' } } })
      expect((await first.state(room)).outbox.map(({ body }) => body)).toEqual(['that is it'])
      wire.refuse(false)
      const [corrected, reacted] = await done
      await settle(setting)

      expect(corrected.body).toBe('the answer')
      expect(reacted.reactions).toMatchObject([{ emoji: THUMB, own: true }])
      const seen = bob.received(since).filter((s) => s.is('message') && s.attrs['from'] === `${room}/${NICK.nick}`)
      expect(seen.map((s) => s.getChildText('body') ?? (s.getChild('reactions', NS_REACTIONS) && THUMB))).toEqual([
        'the answer',
        THUMB,
        'that is it',
      ])
    },
    { resumes: false, deadlineMs: 60_000 },
  ),

  conform(
    'M59',
    'What others did to messages during an outage is there afterwards, told once for each message; what is made up is not.',
    async (setting) => {
      const { room, bob, wire } = setting
      const carol = await guest(setting, 'Carol')
      const [first, second] = await pairIn(setting)
      const id = archiveId(await bob.say(room, 'old tpyo', { id: 'b29' }))
      const gone = archiveId(await bob.say(room, 'to be gone'))
      const stays = archiveId(await bob.say(room, 'stays'))
      for (const tab of [first, second]) await tab.untilMessage('stays')
      const marks = [await first.mark(), await second.mark()]
      wire.refuse(true)
      wire.cut({ how: 'reset' })
      await first.sees({ name: 'interrupted' }, { since: marks[0] ?? 0 })
      tell(carol, room, reactions(id, THUMB))
      tell(carol, room, retract(stays))
      const spoof = el(
        'retract',
        { xmlns: NS_RETRACT, id: stays },
        el('moderated', { xmlns: 'urn:xmpp:message-moderate:1' }),
      )
      tell(carol, room, spoof)
      carol.send(el('message', { to: room, type: 'groupchat', id: 'c1' }, el('body', {}, 'made up'), replace('b29')))
      await carol.barrier()
      tell(bob, room, reactions(id, THUMB, PARTY))
      tell(bob, room, retract(gone))
      bob.send(el('message', { to: room, type: 'groupchat', id: 'b30' }, el('body', {}, 'old typo'), replace('b29')))
      await bob.say(room, 'end')
      wire.refuse(false)
      for (const tab of [first, second]) await tab.untilMessage('end', 20_000)
      await settle(setting)

      for (const [at, tab] of [first, second].entries()) {
        const told = only(await tab.toldSince(marks[at] ?? 0, room), 'message-updated')
        const changes = told.map(({ event }) => `${event.change} ${event.message.id}`)
        expect([...new Set(changes)].sort()).toEqual(
          [`correction ${id}`, `reaction ${id}`, `retraction ${gone}`].sort(),
        )
      }
      const { messages } = await first.room(room, 'history', {})
      expect(messages).toMatchObject([
        { id, body: 'old typo', reactions: [{ emoji: THUMB, nicks: ['Carol', 'Bob'] }, { emoji: PARTY }] },
        { id: gone, body: '', retracted: true },
        { id: stays, body: 'stays' },
        { body: 'end' },
      ])
      expect(await anew(setting)).toMatchObject(messages.map(({ id, body, reactions }) => ({ id, body, reactions })))
    },
    { resumes: false, deadlineMs: 60_000 },
  ),

  conform(
    'M60',
    'What was done, and not heard of by the worker that did it, is done once by the next one.',
    async (setting) => {
      const { room, bob, wire } = setting
      const [first, second] = await pairIn(setting)
      const id = archiveId(await bob.say(room, 'a question'))
      await settle(setting)
      const [since, mark] = [bob.mark(), await second.mark()]
      wire.refuse(true)
      wire.cut({ how: 'reset' })
      await second.sees({ name: 'interrupted' }, { since: mark })
      const lost = refused(first.room(room, 'react', id, THUMB))
      await second.inspect()

      await first.killWorker()
      wire.refuse(false)
      expect((await lost).code).toBe('worker-gone')
      await second.sees({ room, name: 'message-updated', event: { change: 'reaction' } }, { since: mark, ms: 20_000 })
      await settle(setting)

      expect(atBob(setting, since, 'reactions', NS_REACTIONS)).toHaveLength(1)
      expect((await first.room(room, 'history', {})).messages[0]?.reactions).toMatchObject([
        { emoji: THUMB, own: true },
      ])
    },
    { mortal: true, deadlineMs: 60_000 },
  ),
]
