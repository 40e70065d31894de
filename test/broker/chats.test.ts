import { describe, expect, test } from 'vitest'
import { child } from '../../src/protocol/xml.ts'
import { type BrokerStage, type BrokerStageOptions, brokerStage, type StageTab } from '../support/fakes/broker-stage.ts'
import { ACCOUNT } from '../support/fakes/room-xml.ts'

const ROMEO = 'romeo@montague.example'

const bodies = (tab: StageTab): string[] => tab.told('message').map(({ message }) => message.body)
const send = (tab: StageTab, body: string, words = {}) =>
  tab.call('send', { room: ROMEO, id: `${tab.id}-${body}`, body, waitMs: 20_000, ...words })
const listen = (tab: StageTab, shown = false) => tab.call('listenTo', { room: ROMEO, shown })

/** Tabs that are signed in and listen to Romeo. */
async function listening(count = 1, options: BrokerStageOptions = {}) {
  const stage = brokerStage({ management: 'resumes', ...options })
  const tabs: StageTab[] = []
  for (let at = 1; at <= count; at++) {
    const tab = stage.attach(`t${at}`)
    await tab.signIn()
    await listen(tab)
    tabs.push(tab)
  }
  const [t1, t2 = t1] = tabs
  if (!t1 || !t2) throw new Error('there is to be a tab')
  return { stage, t1, t2 }
}

/** The session is over, and the next one begins; meanwhile this happens. */
async function lose(stage: BrokerStage, meanwhile = (): void => undefined): Promise<void> {
  stage.upstream.server.resumes = false
  stage.upstream.stream.end('closed')
  await stage.settle()
  meanwhile()
  stage.clock.advance(1_000)
  await stage.settle()
}

describe('what one person says', () => {
  test('every tab that listens is told once, and the others see how the chat stands', async () => {
    const { stage, t1, t2 } = await listening(2)
    const other = stage.attach('t3')
    await other.signIn()

    stage.chats.say(`${ROMEO}/orchard`, 'hark')
    await stage.settle()

    for (const tab of [t1, t2])
      expect(tab.told('message').map(({ message }) => message)).toMatchObject([
        { room: ROMEO, nick: ROMEO, to: ACCOUNT, body: 'hark', own: false, id: 'c1', state: 'delivered' },
      ])
    expect(bodies(other)).toEqual([])
    expect(other.told('chats').at(-1)?.chats).toMatchObject([{ jid: ROMEO, unread: 1, newest: { body: 'hark' } }])
    expect(other.told('unread').at(-1)).toMatchObject({ room: ROMEO, unread: 1 })
    expect(await stage.store.newest({ room: ROMEO, from: 0, before: 100 }, 10)).toHaveLength(1)
  })
})

describe('what a tab says', () => {
  test('goes out once, and has its place in every tab when the server has handled it', async () => {
    const { stage, t1, t2 } = await listening(2)

    const reply = await send(t1, 'hello')

    expect(reply).toMatchObject({ ok: true, value: { body: 'hello', state: 'sent', own: true, to: ROMEO } })
    expect(stage.chats.arrived).toEqual([{ to: ROMEO, id: 't1-hello', body: 'hello' }])
    for (const tab of [t1, t2]) expect(bodies(tab)).toEqual(['hello'])
    expect(await stage.store.outbox(ROMEO)).toEqual([])
  })

  test('is delivered when their receipt says so, and failed when their server does', async () => {
    const { stage, t1 } = await listening()
    await send(t1, 'one')
    await send(t1, 'two')

    stage.chats.say(`${ROMEO}/orchard`, '', { inside: "<received xmlns='urn:xmpp:receipts' id='t1-one'/>" })
    stage.upstream.stream.deliver(
      `<message from='${ROMEO}' to='${ACCOUNT}/web-1' type='error' id='t1-two'><error type='cancel'><remote-server-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>`,
    )
    await stage.settle()

    expect(t1.told('message-updated').map(({ message, change }) => [message.body, message.state, change])).toEqual([
      ['one', 'delivered', 'state'],
      ['two', 'failed', 'state'],
    ])
  })
})

describe('a lost session', () => {
  test('is caught up with from the archive, each message once and in its order', async () => {
    const { stage, t1, t2 } = await listening(2)
    stage.chats.say(`${ROMEO}/orchard`, 'one')
    await stage.settle()
    stage.chats.mostResults = 2

    await lose(stage, () => {
      for (const body of ['two', 'three', 'four']) stage.chats.say(`${ROMEO}/orchard`, body, { quiet: true })
      stage.chats.phoneSays(ROMEO, 'five', { quiet: true })
    })
    stage.chats.say(`${ROMEO}/orchard`, 'six')
    await stage.settle()

    for (const tab of [t1, t2]) expect(bodies(tab)).toEqual(['one', 'two', 'three', 'four', 'five', 'six'])
  })

  test('what had arrived is not sent again, what had not is', async () => {
    const { stage, t1 } = await listening()
    stage.upstream.server.answers = false
    void send(t1, 'arrived')
    await stage.settle()
    stage.upstream.stream.stall('up')
    void send(t1, 'swallowed')
    await stage.settle()
    expect(stage.chats.arrived.map(({ body }) => body)).toEqual(['arrived'])
    stage.upstream.server.answers = true

    await lose(stage)

    expect(stage.chats.arrived.map(({ body }) => body)).toEqual(['arrived', 'swallowed'])
    expect(bodies(t1)).toEqual(['arrived', 'swallowed'])
    expect(await stage.store.outbox(ROMEO)).toEqual([])
  })
})

test('a receipt is given to whom the account talks to, and to nobody else', async () => {
  const { stage } = await listening()
  const wants = { inside: "<request xmlns='urn:xmpp:receipts'/>" }

  stage.chats.say(`${ROMEO}/orchard`, 'hark', wants)
  stage.chats.say('stranger@verona.example/x', 'psst', wants)
  await stage.settle()

  const receipts = stage.upstream.sent.flatMap((node) => child(node, 'urn:xmpp:receipts', 'received') ?? [])
  expect(receipts.map(({ attrs }) => attrs['id'])).toEqual(['i1'])
})

/** The copy that the server makes of what another device has sent or got. */
const copied = (direction: 'sent' | 'received', message: string, from = ACCOUNT): string =>
  `<message from='${from}'><${direction} xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>${message}</forwarded></${direction}></message>`

describe('copies', () => {
  test('of what another device says and gets are told once, as what they are', async () => {
    const { stage, t1 } = await listening()

    stage.chats.phoneSays(ROMEO, 'from the phone')
    const got = `<message xmlns='jabber:client' from='${ROMEO}/orchard' to='${ACCOUNT}/phone' type='chat' id='g1'><body>to the phone</body><stanza-id xmlns='urn:xmpp:sid:0' by='${ACCOUNT}' id='x1'/></message>`
    for (let at = 0; at < 2; at++) stage.upstream.stream.deliver(copied('received', got))
    await stage.settle()

    expect(t1.told('message').map(({ message: { body, own, state } }) => [body, own, state])).toEqual([
      ['from the phone', true, 'sent'],
      ['to the phone', false, 'delivered'],
    ])
  })

  test('that anybody else than the account makes are nothing', async () => {
    const { stage, t1 } = await listening()
    const said = `<message xmlns='jabber:client' from='${ACCOUNT}/phone' to='${ROMEO}' type='chat' id='f1'><body>forged</body></message>`

    for (const from of [`${ROMEO}/orchard`, `${ACCOUNT}/phone`, 'capulet.example'])
      stage.upstream.stream.deliver(copied('sent', said, from))
    await stage.settle()

    expect(bodies(t1)).toEqual([])
  })

  test('of what asks for a receipt get none: the device that got it gives it', async () => {
    const { stage } = await listening()
    const got = `<message xmlns='jabber:client' from='${ROMEO}/orchard' to='${ACCOUNT}/phone' type='chat' id='g1'><body>hark</body><request xmlns='urn:xmpp:receipts'/></message>`

    stage.upstream.stream.deliver(copied('received', got))
    await stage.settle()

    expect(stage.upstream.sent.filter((node) => child(node, 'urn:xmpp:receipts', 'received'))).toEqual([])
  })
})

describe('the next worker', () => {
  /** Another worker with the store and the server of that one, and a tab in it. */
  async function next(before: BrokerStage) {
    const { store, clock, chats } = before
    const stage = brokerStage({ management: 'resumes', store, clock, chats })
    const tab = stage.attach('n1')
    await stage.settle()
    return { stage, tab }
  }

  test('tells its tabs how the chats stand before there is a connection', async () => {
    const { stage } = await listening()
    stage.chats.say(`${ROMEO}/orchard`, 'hark')
    await stage.settle()

    const { tab } = await next(stage)

    expect(tab.told('chats').at(-1)?.chats).toMatchObject([{ jid: ROMEO, unread: 1, newest: { body: 'hark' } }])
    expect(tab.told('unread')).toMatchObject([{ room: ROMEO, unread: 1 }])
  })

  test('sends what waited, once, though no tab has asked for the chat', async () => {
    const { stage, t1 } = await listening()
    stage.upstream.stream.stall('up')
    void send(t1, 'later')
    await stage.settle()
    expect(stage.chats.arrived).toEqual([])

    const { tab, stage: after } = await next(stage)
    await tab.signIn()
    await after.settle()

    expect(stage.chats.arrived.map(({ body }) => body)).toEqual(['later'])
    expect(await stage.store.outbox(ROMEO)).toEqual([])
    expect(tab.told('chats').at(-1)?.chats).toMatchObject([{ newest: { body: 'later', state: 'sent' } }])
  })

  test('has what came in between, behind what a tab was told', async () => {
    const { stage } = await listening()
    stage.chats.say(`${ROMEO}/orchard`, 'one')
    await stage.settle()
    stage.chats.say(`${ROMEO}/orchard`, 'two', { quiet: true })

    const { tab, stage: after } = await next(stage)
    await tab.signIn()
    await listen(tab)
    await after.settle()
    const page = await tab.call('history', { room: ROMEO, limit: 10 })

    expect(page).toMatchObject({ ok: true, value: { messages: [{ body: 'one' }, { body: 'two' }], atStart: true } })
    expect(tab.told('unread').at(-1)).toMatchObject({ unread: 2 })
  })
})

describe('the first look into the archive', () => {
  test('gives the conversations there were, and nothing of them is unread', async () => {
    const stage = brokerStage({ management: 'resumes' })
    stage.chats.through = () => stage.upstream.stream
    stage.chats.say('nurse@capulet.example/x', 'madam!', { quiet: true })
    stage.chats.say(`${ROMEO}/orchard`, 'hark', { quiet: true })
    stage.chats.phoneSays(ROMEO, 'what light', { quiet: true })
    const tab = stage.attach('t1')

    await tab.signIn()
    await stage.settle()

    const chats = new Map(tab.told('chats').flatMap(({ chats }) => chats.map((chat) => [chat.jid, chat])))
    expect([...chats.values()]).toMatchObject([
      { jid: 'nurse@capulet.example', unread: 0, newest: { body: 'madam!' } },
      { jid: ROMEO, unread: 0, newest: { body: 'what light', own: true } },
    ])
    expect([...tab.told('unread'), ...tab.told('notify'), ...tab.told('message')]).toEqual([])
  })

  test('leaves the rest to who asks for it: page by page, up to the beginning', async () => {
    const stage = brokerStage({ management: 'resumes' })
    for (let at = 1; at <= 120; at++) stage.chats.say(`${ROMEO}/orchard`, `m${at}`, { quiet: true })
    const tab = stage.attach('t1')
    await tab.signIn()
    await listen(tab)
    await send(tab, 'mine')
    const read: string[] = []

    let before: string | undefined
    for (let pages = 0; pages < 10; pages++) {
      const reply = await tab.call('history', { room: ROMEO, limit: 40, ...(before && { before }) })
      if (!reply.ok) throw new Error(reply.error.message)
      read.unshift(...reply.value.messages.map(({ body }) => body))
      before = reply.value.messages[0]?.id
      if (reply.value.atStart) break
    }

    expect(read).toEqual([...Array.from({ length: 120 }, (_, at) => `m${at + 1}`), 'mine'])
  })
})

describe('without an archive', () => {
  test('chats go on, and ids that look like those of one are not believed', async () => {
    const { stage, t1 } = await listening()
    await lose(stage, () => {
      stage.chats.mam = 'none'
    })
    const forged = `<stanza-id xmlns='urn:xmpp:sid:0' by='${ACCOUNT}' id='same'/>`

    stage.chats.say(`${ROMEO}/orchard`, 'one', { inside: forged })
    stage.chats.say(`${ROMEO}/orchard`, 'two', { inside: forged })
    await stage.settle()
    const reply = await send(t1, 'three')

    expect(bodies(t1)).toEqual(['one', 'two', 'three'])
    expect(reply).toMatchObject({ ok: true, value: { state: 'sent' } })
  })

  test('that answers it is tried again, and what is missing then is there for who asks later', async () => {
    const { stage, t1 } = await listening()
    stage.chats.say(`${ROMEO}/orchard`, 'one')
    await stage.settle()
    stage.chats.mam = 'silent'
    await lose(stage, () => {
      stage.chats.say(`${ROMEO}/orchard`, 'two', { quiet: true })
    })
    stage.chats.say(`${ROMEO}/orchard`, 'three')
    await stage.settle()
    expect(bodies(t1)).toEqual(['one'])

    for (let at = 0; at < 8; at++) {
      stage.clock.advance(12_000)
      await stage.settle()
    }
    expect(bodies(t1)).toEqual(['one', 'three'])
    stage.chats.mam = 'works'
    const page = await t1.call('history', { room: ROMEO, limit: 10 })

    expect(page).toMatchObject({ ok: true, value: { messages: [{ body: 'one' }, { body: 'two' }, { body: 'three' }] } })
  })
})

describe('whom a chat is with', () => {
  test('is nobody in a room: what they say to us alone is the room’s, and its address is no chat', async () => {
    const { stage, t1 } = await listening()
    await t1.join()
    const room = 'garden@rooms.example'

    stage.upstream.stream.deliver(
      `<message from='${room}/romeo' to='${ACCOUNT}' type='chat'><body>psst</body></message>`,
    )
    stage.upstream.stream.deliver(
      `<message from='hall@rooms.example/romeo' to='${ACCOUNT}' type='chat'><body>psst</body></message>`,
    )
    await stage.settle()
    const reply = await t1.call('listenTo', { room, shown: false })

    expect(t1.told('chats')).toEqual([])
    expect(reply).toMatchObject({ ok: false, error: { code: 'not-acceptable' } })
  })

  test('may be the account itself: what it says to itself is there once', async () => {
    const { stage, t1 } = await listening()
    await t1.call('listenTo', { room: ACCOUNT, shown: false })
    stage.chats.meddle = (node) => {
      const { id } = node.attrs
      stage.chats.say(`${ACCOUNT}/web-1`, 'note', {
        ...(id !== undefined && { id }),
        inside: `<origin-id xmlns='urn:xmpp:sid:0' id='${id}'/>`,
      })
      return true
    }

    const reply = await t1.call('send', { room: ACCOUNT, id: 'n1', body: 'note', waitMs: 20_000 })
    await stage.settle()

    expect(reply).toMatchObject({ ok: true, value: { own: true, body: 'note' } })
    expect(bodies(t1)).toEqual(['note'])
  })

  test('is nobody who is blocked', async () => {
    const { stage, t1 } = await listening()
    stage.upstream.stream.deliver(
      `<iq type='set' id='b1'><block xmlns='urn:xmpp:blocking'><item jid='${ROMEO}'/></block></iq>`,
    )

    stage.chats.say(`${ROMEO}/orchard`, 'hark')
    await stage.settle()

    expect(bodies(t1)).toEqual([])
  })
})

describe('what is read', () => {
  test('in one tab is read in all, and told to its sender by the id that they know and to devices by that of the archive', async () => {
    const { stage, t1, t2 } = await listening(2)
    stage.chats.say(`${ROMEO}/orchard`, 'one', { inside: "<markable xmlns='urn:xmpp:chat-markers:0'/>" })
    await stage.settle()

    await t1.call('markDisplayed', { room: ROMEO, id: 'c1' })
    stage.clock.advance(1_000)
    await stage.settle()

    for (const tab of [t1, t2]) expect(tab.told('unread').at(-1)).toMatchObject({ room: ROMEO, unread: 0 })
    const marker = stage.upstream.sent.findLast((node) => child(node, 'urn:xmpp:chat-markers:0', 'displayed'))
    expect(marker?.attrs).toMatchObject({ to: ROMEO, type: 'chat' })
    expect(marker && child(marker, 'urn:xmpp:chat-markers:0', 'displayed')?.attrs).toEqual({ id: 'i1' })
    expect(stage.pep.published).toEqual(['c1'])
  })

  test('is what a tab shows that is visible, and what the account answers', async () => {
    const { stage, t1 } = await listening()
    stage.chats.say(`${ROMEO}/orchard`, 'one')
    await stage.settle()
    expect(t1.told('notify')).toMatchObject([{ reason: 'private', message: { body: 'one' } }])
    await t1.call('showRoom', { room: ROMEO, shown: true })
    stage.chats.say(`${ROMEO}/orchard`, 'two')
    await stage.settle()
    await t1.call('showRoom', { room: ROMEO, shown: false })
    stage.chats.say(`${ROMEO}/orchard`, 'three')
    await stage.settle()
    stage.chats.phoneSays(ROMEO, 'four')
    await stage.settle()

    expect(t1.told('unread').map(({ unread }) => unread)).toEqual([1, 0, 1, 0])
    expect(t1.told('notify').map(({ message }) => message.body)).toEqual(['one', 'three'])
  })
})

describe('what the account says', () => {
  test('and its server had before something that was heard is not said again, where the session is lost before it is known', async () => {
    const { stage, t1 } = await listening()
    stage.upstream.server.answers = false
    void send(t1, 'arrived')
    await stage.settle()
    stage.chats.say(`${ROMEO}/orchard`, 'heard')
    await stage.settle()
    stage.upstream.server.answers = true

    await lose(stage)

    expect(stage.chats.arrived.map(({ body }) => body)).toEqual(['arrived'])
    expect(bodies(t1)).toEqual(['heard', 'arrived'])
  })

  test('waits behind what is being read up', async () => {
    const { stage, t1 } = await listening()
    stage.chats.mam = 'silent'
    await lose(stage, () => {
      stage.chats.say(`${ROMEO}/orchard`, 'missed', { quiet: true })
    })
    void send(t1, 'mine')
    await stage.settle()
    expect(stage.chats.arrived).toEqual([])
    stage.chats.mam = 'works'

    for (let at = 0; at < 4; at++) {
      stage.clock.advance(8_000)
      await stage.settle()
    }

    expect(bodies(t1)).toEqual(['missed', 'mine'])
  })

  test('is there once in the pages of the archive, which has it under another id', async () => {
    const stage = brokerStage({ management: 'resumes' })
    stage.chats.say(`${ROMEO}/orchard`, 'long ago', { quiet: true })
    for (let at = 1; at <= 60; at++) stage.chats.say('nurse@capulet.example/x', `n${at}`, { quiet: true })
    const tab = stage.attach('t1')
    await tab.signIn()
    await listen(tab)
    await send(tab, 'mine')
    expect(tab.told('chats').at(-1)?.chats).toMatchObject([{ jid: ROMEO }])

    const page = await tab.call('history', { room: ROMEO, limit: 10 })

    expect(page).toMatchObject({
      ok: true,
      value: { messages: [{ body: 'long ago' }, { body: 'mine' }], atStart: true },
    })
    expect(page.ok && page.value.messages).toHaveLength(2)
  })

  test('and has corrected is not shown again as it was, where an archive has lost how far it was known', async () => {
    const { stage, t1 } = await listening()
    await send(t1, 'helo')
    const last = stage.chats.say(`${ROMEO}/orchard`, 'last')
    await stage.settle()
    const act = { act: 'correct', body: 'hello' } as const
    await t1.call('act', { room: ROMEO, id: 'x1', target: 't1-helo', act, waitMs: 20_000 })
    stage.chats.lose(last)
    const { store, clock, chats } = stage

    const next = brokerStage({ management: 'resumes', store, clock, chats })
    const tab = next.attach('n1')
    await tab.signIn()
    await listen(tab)
    await next.settle()
    const page = await tab.call('history', { room: ROMEO, limit: 10 })

    expect(page.ok && page.value.messages.map(({ body }) => body)).toEqual(['hello', 'last'])
  })

  test('to itself is there once, also where the server has handled it before it gives it back', async () => {
    const { stage, t1 } = await listening()
    await t1.call('listenTo', { room: ACCOUNT, shown: false })
    await t1.call('send', { room: ACCOUNT, id: 'n1', body: 'note', waitMs: 20_000 })

    stage.chats.say(`${ACCOUNT}/web-1`, 'note', { id: 'n1', inside: "<origin-id xmlns='urn:xmpp:sid:0' id='n1'/>" })
    await stage.settle()

    expect(bodies(t1)).toEqual(['note'])
  })

  test('on a phone is not marked as displayed to itself', async () => {
    const { stage } = await listening()
    stage.chats.phoneSays(ROMEO, 'hark', { inside: "<markable xmlns='urn:xmpp:chat-markers:0'/>" })
    await stage.settle()
    stage.clock.advance(1_000)
    await stage.settle()

    expect(stage.upstream.sent.filter((node) => child(node, 'urn:xmpp:chat-markers:0', 'displayed'))).toEqual([])
    expect(stage.pep.published).toEqual(['c1'])
  })
})

test('history that is asked for at once has what the archive has', async () => {
  const stage = brokerStage({ management: 'resumes' })
  for (let at = 1; at <= 120; at++) stage.chats.say(`${ROMEO}/orchard`, `m${at}`, { quiet: true })
  const tab = stage.attach('t1')
  await tab.signIn()
  const { api } = stage.attach('t2').attached

  void api.call('listenTo', { room: ROMEO, shown: false })
  const asked = api.call('history', { room: ROMEO, limit: 200 })
  await stage.settle()

  expect(await asked).toMatchObject({ ok: true, value: { atStart: true } })
  const reply = await asked
  expect(reply.ok && reply.value.messages).toHaveLength(120)
})

test('history waits for what is being read up, as long as there is hope', async () => {
  const { stage, t1 } = await listening()
  stage.chats.say(`${ROMEO}/orchard`, 'one')
  await stage.settle()
  stage.chats.mam = 'silent'
  await lose(stage, () => {
    stage.chats.say(`${ROMEO}/orchard`, 'two', { quiet: true })
  })

  let settled = false
  const asked = t1.attached.api.call('history', { room: ROMEO, limit: 10 }).finally(() => {
    settled = true
  })
  await stage.settle()
  expect(settled).toBe(false)
  stage.clock.advance(20_000)
  await stage.settle()

  const reply = await asked
  expect(reply.ok && reply.value.messages.map(({ body }) => body)).toEqual(['one'])
})

test('of what was missed for good a chat that is looked at later is not shown the end as if nothing were missing', async () => {
  const { stage } = await listening()
  stage.chats.say(`${ROMEO}/orchard`, 'one')
  await stage.settle()
  const { store, clock, chats } = stage
  const next = brokerStage({ management: 'resumes', store, clock, chats })
  chats.say(`${ROMEO}/orchard`, 'two', { quiet: true })
  chats.mam = 'silent'
  const tab = next.attach('n1')
  await tab.signIn()
  for (let at = 0; at < 8; at++) {
    clock.advance(12_000)
    await next.settle()
  }
  chats.mam = 'works'

  chats.say(`${ROMEO}/orchard`, 'three')
  await next.settle()
  await listen(tab)
  const page = await tab.call('history', { room: ROMEO, limit: 10 })

  expect(page.ok && page.value.messages.map(({ body }) => body)).toEqual(['one', 'two', 'three'])
})

const NS_STATES = 'http://jabber.org/protocol/chatstates'

test('who types is told in every tab, and told to them, once; a stranger who types is nobody', async () => {
  const { stage, t1, t2 } = await listening(2)
  const composing = `<composing xmlns='${NS_STATES}'/>`

  stage.upstream.stream.deliver(`<message from='${ROMEO}/x' to='${ACCOUNT}' type='chat'>${composing}</message>`)
  stage.upstream.stream.deliver(`<message from='they@m/x' to='${ACCOUNT}' type='chat'>${composing}</message>`)
  await stage.settle()
  stage.chats.say(`${ROMEO}/x`, 'hark')
  await t1.call('setTyping', { room: ROMEO, typing: true })
  await t2.call('setTyping', { room: ROMEO, typing: true })

  for (const tab of [t1, t2]) expect(tab.told('typing').map(({ nicks }) => nicks)).toEqual([[ROMEO], []])
  const said = stage.upstream.sent.filter((node) => child(node, NS_STATES, 'composing'))
  expect(said.map(({ attrs }) => [attrs['to'], attrs['type']])).toEqual([[ROMEO, 'chat']])
  expect(bodies(t1)).toEqual(['hark'])
})
