import { afterEach, describe, expect, test } from 'vitest'
import { NS_CLIENT } from '../../src/protocol/stanza.ts'
import { child, childText, type XmlNode } from '../../src/protocol/xml.ts'
import { NS_MUC, NS_OCCUPANT_ID, ROOM, said } from '../support/fakes/room-xml.ts'
import { type Tab, type TabStage, tabStage } from '../support/fakes/tab-pair.ts'

const FEATURES = [
  NS_MUC,
  NS_OCCUPANT_ID,
  'urn:xmpp:mam:2',
  'http://jabber.org/protocol/muc#stable_id',
  'urn:xmpp:message-moderate:1',
]
const NS_REPLY = 'urn:xmpp:reply:0'
const THUMB = '👍'

let stage: TabStage
const begin = async (count = 2): Promise<Tab[]> => {
  stage = tabStage({ features: FEATURES })
  const tabs: Tab[] = []
  for (let at = 0; at < count; at++) tabs.push(await stage.tabInRoom())
  return tabs
}
afterEach(() => stage.end())

const cut = async (): Promise<void> => {
  stage.upstream.stream.end('closed')
  await stage.settle()
}
/** The messages of the account that went out, in their order. */
const out = (): XmlNode[] => stage.upstream.sent.filter(({ name }) => name === 'message')
const reaction = (id: string, ...emojis: readonly string[]): string =>
  `<reactions xmlns='urn:xmpp:reactions:0' id='${id}'>${emojis.map((each) => `<reaction>${each}</reaction>`).join('')}</reactions>`
const retracts = (id: string): string => `<retract xmlns='urn:xmpp:message-retract:1' id='${id}'/>`
const replaces = (id: string): string => `<replace xmlns='urn:xmpp:message-correct:0' id='${id}'/>`
const updates = ({ all }: Tab): unknown[] => all('message-updated').map(({ change, message }) => [change, message.body])
const kept = async ({ room }: Tab) => (await stage.until(room.history())).messages
const hark = async (): Promise<string> => {
  const id = stage.room.say('romeo', 'hark', { id: 'r1' })
  await stage.settle()
  return id
}

describe('a correction of ours', () => {
  test('names the id of the first version, however often it was corrected, and every tab has the last', async () => {
    const [t1, t2] = (await begin()) as [Tab, Tab]
    const first = await stage.until(t1.room.send('teh'))

    const second = await stage.until(t1.room.correct(first.id, 'the'))
    const third = await stage.until(t2.room.correct(first.id, 'The'))

    const named = out().map((node) => child(node, 'urn:xmpp:message-correct:0', 'replace')?.attrs['id'])
    expect(named).toEqual([undefined, first.originId, first.originId])
    expect(second).toMatchObject({ id: first.id, body: 'the', own: true })
    expect(third).toMatchObject({ id: first.id, body: 'The' })
    for (const tab of [t1, t2])
      expect(updates(tab)).toEqual([
        ['correction', 'the'],
        ['correction', 'The'],
      ])
    expect(t1.bodies()).toEqual(['teh'])
    expect(await kept(t2)).toMatchObject([{ id: first.id, body: 'The' }])
  })

  test('of somebody else, of nothing, and of what was taken away is refused before anything goes out', async () => {
    const [t1] = (await begin()) as [Tab]
    const theirs = await hark()
    const mine = await stage.until(t1.room.send('mine'))
    await stage.until(t1.room.retract(mine.id))
    const before = out().length

    expect(await stage.failure(t1.room.correct(theirs, 'x'))).toMatchObject({ code: 'forbidden' })
    expect(await stage.failure(t1.room.correct('none', 'x'))).toMatchObject({
      code: 'stanza-error',
      condition: 'item-not-found',
    })
    expect(await stage.failure(t1.room.correct(mine.id, 'x'))).toMatchObject({ code: 'not-acceptable' })
    expect(out()).toHaveLength(before)
  })

  test('finds its message by the id that it had before the room gave it one', async () => {
    const [t1] = (await begin()) as [Tab]
    const sent = await stage.until(t1.room.send('teh'))

    const now = await stage.until(t1.room.correct(sent.originId ?? '', 'the'))

    expect(now).toMatchObject({ id: sent.id, body: 'the' })
  })

  test('of what still waits goes out behind it', async () => {
    const [t1] = (await begin(1)) as [Tab]
    await cut()
    const waiting = await stage.until(t1.room.send('teh', { wait: false }))
    void t1.room.correct(waiting.id, 'the').catch(() => undefined)
    await stage.pass(1_000)

    expect(stage.room.archive.map(({ body }) => body)).toEqual(['teh', 'the'])
    expect((await kept(t1)).map(({ body }) => body)).toEqual(['the'])
  })
})

describe('a retraction of ours', () => {
  test('names the id that the room gave, with words for others and the wish to be kept', async () => {
    const [t1, t2] = (await begin()) as [Tab, Tab]
    const sent = await stage.until(t1.room.send('secret'))

    const now = await stage.until(t1.room.retract(sent.id))

    const node = out().at(-1) as XmlNode
    expect(child(node, 'urn:xmpp:message-retract:1', 'retract')?.attrs['id']).toBe(sent.id)
    expect(child(node, 'urn:xmpp:hints', 'store')).toBeDefined()
    expect(child(node, 'urn:xmpp:fallback:0', 'fallback')?.attrs['for']).toBe('urn:xmpp:message-retract:1')
    expect(childText(node, NS_CLIENT, 'body')).not.toBe('')
    expect(now).toMatchObject({ id: sent.id, body: '', retracted: true })
    for (const tab of [t1, t2]) expect(updates(tab)).toEqual([['retraction', '']])
    expect(t2.bodies()).toEqual(['secret'])
  })

  test('of what somebody else said is refused', async () => {
    const [t1] = (await begin()) as [Tab]

    expect(await stage.failure(t1.room.retract(await hark()))).toMatchObject({ code: 'forbidden' })
  })
})

describe('reactions', () => {
  test('of ours take the place of those before, and nothing takes them back', async () => {
    const [t1, t2] = (await begin()) as [Tab, Tab]
    const id = await hark()

    const one = await stage.until(t1.room.react(id, THUMB))
    const two = await stage.until(t2.room.react(id, ['🎉', '❤️']))
    const none = await stage.until(t1.room.react(id, []))

    expect(one.reactions).toEqual([{ emoji: THUMB, nicks: ['juliet'], own: true }])
    expect(two.reactions.map(({ emoji }) => emoji)).toEqual(['🎉', '❤️'])
    expect(none.reactions).toEqual([])
    expect(out().map((node) => child(node, 'urn:xmpp:reactions:0', 'reactions')?.attrs['id'])).toEqual([id, id, id])
    expect(child(out()[0] as XmlNode, 'urn:xmpp:hints', 'store')).toBeDefined()
    for (const tab of [t1, t2]) expect(tab.all('message-updated').map(({ change }) => change)).toHaveLength(3)
    expect('reactors' in one).toBe(false)
  })

  test('of many people are summed up on one message, which is no new one', async () => {
    const [t1] = (await begin()) as [Tab]
    const id = await hark()
    for (const nick of ['romeo', 'nurse', 'tybalt']) stage.room.say(nick, undefined, { inside: reaction(id, THUMB) })
    stage.room.say('nurse', undefined, { inside: reaction(id, '🎉', 'no emoji', '7') })
    await stage.settle()

    const [message] = await kept(t1)
    expect(message?.reactions).toEqual([
      { emoji: THUMB, nicks: ['romeo', 'tybalt'], own: false },
      { emoji: '🎉', nicks: ['nurse'], own: false },
    ])
    expect(t1.bodies()).toEqual(['hark'])
    expect(t1.room.unread).toBe(0)
  })

  test.each([['words'], ['7'], [''], [[THUMB, 'x']], [Array(21).fill(THUMB)], [undefined]])(
    'that are none (%j) throw at once',
    async (emojis) => {
      const [t1] = (await begin(1)) as [Tab]

      expect(() => t1.room.react('a1', emojis as string[])).toThrow(TypeError)
    },
  )

  test('to a message that was taken away do not come back with it', async () => {
    const [t1] = (await begin(1)) as [Tab]
    const id = await hark()
    stage.room.say('nurse', undefined, { inside: reaction(id, THUMB) })
    stage.room.say('romeo', 'x', { inside: retracts(id) })
    stage.room.say('nurse', undefined, { inside: reaction(id, '🎉') })
    await stage.settle()

    expect(await kept(t1)).toMatchObject([{ id, retracted: true, body: '', reactions: [] }])
  })
})

describe('an answer', () => {
  test('names the message and its author, quotes it for others, and is shown without the quotation', async () => {
    const [t1, t2] = (await begin()) as [Tab, Tab]
    const id = stage.room.say('romeo', 'hark\n😀 what')
    await stage.settle()

    const sent = await stage.until(t1.room.reply(id, 'light'))

    const node = out().at(-1) as XmlNode
    const quote = '> romeo:\n> hark\n> 😀 what\n'
    expect(childText(node, NS_CLIENT, 'body')).toBe(`${quote}light`)
    expect(child(node, NS_REPLY, 'reply')?.attrs).toEqual({ id, to: `${ROOM}/romeo` })
    const fallback = child(node, 'urn:xmpp:fallback:0', 'fallback') as XmlNode
    expect(fallback.attrs['for']).toBe(NS_REPLY)
    expect(child(fallback, 'urn:xmpp:fallback:0', 'body')?.attrs).toEqual({ start: '0', end: `${[...quote].length}` })
    expect(sent).toMatchObject({ body: 'light', replyTo: id })
    expect(t2.all('message').at(-1)).toMatchObject({ body: 'light', replyTo: id })
  })

  test('goes out in its turn, though its message has to be looked for', async () => {
    const [t1] = (await begin(1)) as [Tab]
    const id = await hark()

    const all = [t1.room.send('one'), t1.room.reply(id, 'two'), t1.room.send('three'), t1.room.react(id, THUMB)]
    await stage.until(Promise.all(all))

    expect(t1.bodies()).toEqual(['hark', 'one', 'two', 'three'])
    expect(out().map((node) => child(node, 'urn:xmpp:reactions:0', 'reactions') !== undefined)).toEqual([
      false,
      false,
      false,
      true,
    ])
  })

  test('to what is not there is refused', async () => {
    const [t1] = (await begin(1)) as [Tab]

    expect(await stage.failure(t1.room.reply('none', 'x'))).toMatchObject({ condition: 'item-not-found' })
  })

  test('that is corrected still names what it answers', async () => {
    const [t1] = (await begin(1)) as [Tab]
    const id = await hark()
    const sent = await stage.until(t1.room.reply(id, 'lihgt'))

    const now = await stage.until(t1.room.correct(sent.id, 'light'))

    expect(now).toMatchObject({ body: 'light', replyTo: id })
    expect(child(out().at(-1) as XmlNode, NS_REPLY, 'reply')?.attrs['id']).toBe(id)
  })
})

describe('what is said beside a text', () => {
  test('goes out, and comes back to every tab', async () => {
    const [t1, t2] = (await begin()) as [Tab, Tab]

    const sent = await stage.until(
      t1.room.send({ body: '😀 romeo dies', spoiler: 'the end', attention: true, mentions: ['romeo', 'nurse'] }),
    )

    const beside = {
      spoiler: 'the end',
      attention: true,
      mentions: [{ jid: `${ROOM}/romeo`, begin: 2, end: 7 }, { jid: `${ROOM}/nurse` }],
    }
    expect(sent).toMatchObject(beside)
    expect(t2.all('message')).toMatchObject([{ body: '😀 romeo dies', ...beside }])
  })

  test('is left out where it is not wanted; a spoiler may be without a hint', async () => {
    const [t1] = (await begin(1)) as [Tab]

    const plain = await stage.until(t1.room.send({ body: 'one', spoiler: false, attention: false }))
    const bare = await stage.until(t1.room.send({ body: 'two', spoiler: true }))

    expect(['spoiler' in plain, 'attention' in plain, bare.spoiler]).toEqual([false, false, ''])
  })

  test('of the wrong kind throws at once', async () => {
    const [t1] = (await begin(1)) as [Tab]
    const wrong = [{ spoiler: 7 }, { attention: 'yes' }, { mentions: 'romeo' }, { mentions: [7] }, { replyTo: '' }]

    for (const each of wrong) expect(() => t1.room.send({ body: 'x', ...each } as never)).toThrow(TypeError)
  })

  test('a mark mentions us as our nick does', async () => {
    const [t1] = (await begin(1)) as [Tab]
    const mark = (uri: string): string =>
      `<reference xmlns='urn:xmpp:reference:0' type='mention' begin='0' end='3' uri='${uri}'/>`
    stage.room.say('romeo', 'she', { inside: mark(`xmpp:${ROOM}/juliet`) })
    stage.room.say('romeo', 'she', { inside: mark('xmpp:juliet@capulet.example') })
    stage.room.say('romeo', 'she', { inside: mark(`xmpp:${ROOM}/nurse`) })
    await stage.settle()

    expect(t1.all('message').map(({ mentionsMe }) => mentionsMe)).toEqual([true, true, false])
  })
})

test('a correction that names us is no second mention to be counted, and is one to be shown', async () => {
  const [t1] = (await begin(1)) as [Tab]
  stage.look(false)
  await stage.settle()
  const id = await hark()
  stage.room.say('romeo', 'hark, juliet', { inside: replaces('r1') })
  await stage.settle()

  expect([t1.room.unread, t1.room.mentions]).toEqual([1, 0])
  expect(await kept(t1)).toMatchObject([{ id, body: 'hark, juliet', mentionsMe: true }])
})

describe('a moderation', () => {
  test('is asked of the room, and resolves with what is left of the message', async () => {
    const [t1, t2] = (await begin()) as [Tab, Tab]
    const id = await hark()

    const now = await stage.until(t1.room.moderate(id, 'rude'))

    expect(now).toMatchObject({ id, moderated: true, body: '' })
    expect(updates(t2)).toEqual([['moderation', '']])
    expect(updates(t1)).toEqual([['moderation', '']])
  })

  test('that the room refuses is refused to the caller alone', async () => {
    const [t1, t2] = (await begin()) as [Tab, Tab]
    const id = await hark()
    stage.room.refuseRequest = () => 'forbidden'

    expect(await stage.failure(t1.room.moderate(id))).toMatchObject({ code: 'forbidden' })
    expect([...updates(t1), ...updates(t2)]).toEqual([])
  })

  test('in a room that cannot do it is refused without asking', async () => {
    const [t1] = (await begin(1)) as [Tab]
    const id = await hark()
    stage.room.features = FEATURES.slice(0, -1)
    await cut()
    await stage.pass(2_000)
    const before = stage.room.requests.length

    expect(await stage.failure(t1.room.moderate(id))).toMatchObject({ condition: 'feature-not-implemented' })
    expect(stage.room.requests).toHaveLength(before)
  })

  test('by nobody who is not in, and while there is no connection, is refused', async () => {
    const [t1] = (await begin(1)) as [Tab]
    const id = await hark()
    const outside = await stage.tab()
    expect(await stage.failure(outside.room.moderate(id))).toMatchObject({ code: 'not-joined' })
    await cut()

    expect(await stage.failure(t1.room.moderate(id))).toMatchObject({ code: 'offline' })
  })
})

describe('what is done while there is no connection', () => {
  test('waits, goes out once and in order, and is shown in no outbox', async () => {
    const [t1, t2] = (await begin()) as [Tab, Tab]
    const id = await hark()
    const mine = await stage.until(t1.room.send('teh'))
    await cut()
    const before = out().length

    const all = Promise.all([t1.room.correct(mine.id, 'the'), t2.room.react(id, THUMB), t1.room.send('then')])
    await stage.settle()
    expect([t1, t2].map(({ room }) => room.outbox.map(({ body }) => body))).toEqual([['then'], ['then']])
    expect(updates(t1)).toEqual([['state', 'then']])
    await stage.pass(1_000)
    const [corrected, reacted] = await stage.until(all)

    expect(out().slice(before)).toHaveLength(3)
    expect(corrected.body).toBe('the')
    expect(reacted.reactions).toHaveLength(1)
    expect(t2.bodies().at(-1)).toBe('then')
  })

  test('outlives the worker, and goes out once', async () => {
    const [t1] = (await begin(1)) as [Tab]
    const id = await hark()
    await cut()
    const lost = stage.failure(t1.room.react(id, THUMB))
    await stage.settle()
    stage.worker.die()
    await lost
    await stage.pass(2_000)

    expect(stage.room.archive.filter(({ inside }) => inside.includes('reactions'))).toHaveLength(1)
    expect((await kept(t1))[0]?.reactions).toMatchObject([{ emoji: THUMB, own: true }])
  })

  test.each([
    ['down', 'is found in the archive, and not done twice'],
    ['up', 'is not found in the archive, and is done then'],
  ] as const)('that went out, and of which nobody heard (%s), %s', async (which, _what) => {
    const [t1] = (await begin(1)) as [Tab]
    const id = await hark()
    stage.upstream.stream.stall(which)
    const reacting = t1.room.react(id, THUMB)
    await stage.settle()
    await cut()
    await stage.pass(2_000)

    expect((await stage.until(reacting)).reactions).toHaveLength(1)
    expect(stage.room.archive.filter(({ inside }) => inside.includes('reactions'))).toHaveLength(1)
  })

  test('takes its time: the caller has the message as it was, and hears of it later', async () => {
    const [t1] = (await begin(1)) as [Tab]
    const id = await hark()
    stage.room.deaf = true

    const reacting = t1.room.react(id, THUMB)
    await stage.settle()
    await stage.pass(20_000)

    expect(await stage.until(reacting)).toMatchObject({ id, body: 'hark', reactions: [] })
  })

  test('by others meanwhile is read up from the archive, each message told once', async () => {
    const [t1] = (await begin(1)) as [Tab]
    const old = await hark()
    await cut()
    stage.clock.advance(5_000)
    const gone = stage.room.say('romeo', 'gone', { id: 'r2' })
    for (const nick of ['romeo', 'nurse', 'tybalt']) stage.room.say(nick, undefined, { inside: reaction(old, THUMB) })
    stage.room.say('romeo', 'lark', { inside: replaces('r1') })
    stage.room.say('romeo', 'x', { inside: retracts(gone) })
    await stage.pass(2_000)

    expect(t1.all('message-updated').map(({ change, message }) => [change, message.id])).toEqual([
      ['reaction', old],
      ['correction', old],
    ])
    expect(await kept(t1)).toMatchObject([
      { id: old, body: 'lark', reactions: [{ emoji: THUMB, nicks: ['romeo', 'nurse', 'tybalt'] }] },
      { id: gone, body: '', retracted: true },
    ])
  })
})

describe('a tab whose worker died', () => {
  test('is told of what was done meanwhile to messages that it had, once', async () => {
    const [t1] = (await begin(1)) as [Tab]
    const id = await hark()
    const other = stage.room.say('romeo', 'lark')
    await stage.settle()
    stage.room.say('nurse', undefined, { inside: reaction(other, THUMB) })
    await stage.settle()
    stage.clock.advance(1_000)
    stage.worker.die()
    stage.room.say('nurse', undefined, { inside: reaction(id, THUMB) })
    // More than the room tells by itself: the archive is read.
    for (let at = 0; at < 30; at++) stage.room.say('romeo', `${at}`)
    await stage.pass(5_000)
    stage.worker.die()
    await stage.pass(5_000)

    expect(t1.all('message-updated').map(({ change, message }) => [change, message.id])).toEqual([
      ['reaction', other],
      ['reaction', id],
    ])
    expect(t1.bodies()).toHaveLength(32)
    expect(t1.all('message-updated').every(({ message }) => !('changed' in message))).toBe(true)
  })
})

describe('what anybody can make up', () => {
  test('a retraction by another occupant, and a moderation by one, change nothing', async () => {
    const [t1] = (await begin(1)) as [Tab]
    const id = await hark()
    stage.room.say('nurse', 'x', { inside: retracts(id) })
    const moderated = "<moderated xmlns='urn:xmpp:message-moderate:1' by='x'/>"
    stage.room.say('nurse', undefined, { inside: retracts(id).replace('/>', `>${moderated}</retract>`) })
    stage.room.tell(said('nurse', 'y', { occupantId: 'o-nurse', inside: replaces('r1'), id: 'n1', archiveId: 'n1' }))
    await stage.settle()

    expect(updates(t1)).toEqual([])
    expect(await kept(t1)).toMatchObject([{ id, body: 'hark' }])
  })
})
