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
