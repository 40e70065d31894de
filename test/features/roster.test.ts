import { describe, expect, test } from 'vitest'
import type { SubscriptionRequest } from '../../src/contract/roster.ts'
import { ROSTER } from '../../src/contract/roster.ts'
import { roster } from '../../src/features/roster.ts'
import { NS_ROSTER } from '../../src/protocol/roster.ts'
import { child, childrenOf, type XmlNode } from '../../src/protocol/xml.ts'
import { memoryStore } from '../../src/storage/memory-store.ts'
import { type BrokerStageOptions, brokerStage, type StageTab } from '../support/fakes/broker-stage.ts'
import type { FakeStream } from '../support/fakes/fake-upstream.ts'
import { ACCOUNT, ROOM } from '../support/fakes/room-xml.ts'
import { tabStage } from '../support/fakes/tab-pair.ts'

const ROMEO = 'romeo@montague.example'
const ROMEO_ITEM = `<item jid='${ROMEO}' name='Romeo' subscription='both'><group>Friends</group></item>`

interface RosterServer {
  ver: string | undefined
  items: string
  /** What it was asked for, as the `ver` of the request. */
  readonly asked: (string | undefined)[]
  readonly sets: XmlNode[]
  /** Answers wait here while it is there. */
  held: (() => void)[] | undefined
  stream: FakeStream | undefined
  push(item: string, from?: string): void
  presence(from: string, words?: string, type?: string): void
}

/** An account whose server has a roster, and with a version only where it says so. */
function stage(server: Partial<RosterServer> = {}, options: BrokerStageOptions = {}) {
  const fake: RosterServer = {
    ver: undefined,
    items: ROMEO_ITEM,
    asked: [],
    sets: [],
    held: undefined,
    stream: undefined,
    push: (item, from) =>
      fake.stream?.deliver(
        `<iq type='set' id='push' ${from === undefined ? '' : `from='${from}'`}><query xmlns='${NS_ROSTER}' ver='pushed'>${item}</query></iq>`,
      ),
    presence: (from, words = '', type) =>
      fake.stream?.deliver(`<presence from='${from}' ${type ? `type='${type}'` : ''}>${words}</presence>`),
    ...server,
  }
  const built = brokerStage({
    plugins: [roster],
    ...options,
    onSent(node, stream) {
      fake.stream = stream
      const query = child(node, NS_ROSTER, 'query')
      const { id, type } = node.attrs
      if (!query) return
      if (type === 'result') return
      const answer = (inside: string): void => {
        const deliver = (): void => stream.deliver(`<iq type='result' id='${id}'>${inside}</iq>`)
        if (fake.held) fake.held.push(deliver)
        else queueMicrotask(deliver)
      }
      if (type === 'set') {
        fake.sets.push(query)
        answer('')
        return
      }
      fake.asked.push(query.attrs['ver'])
      const { ver } = fake
      const same = ver !== undefined && query.attrs['ver'] === ver
      answer(same ? '' : `<query xmlns='${NS_ROSTER}' ${ver === undefined ? '' : `ver='${ver}'`}>${fake.items}</query>`)
    },
  })
  return { ...built, server: fake }
}

const call = (tab: StageTab, method: string, args: unknown = null) =>
  tab.call('plugin', { plugin: ROSTER, method, args })

async function contacts(tab: StageTab): Promise<unknown> {
  const reply = await call(tab, 'list')
  return reply.ok ? reply.value : reply.error.code
}

const heard = (tab: StageTab, event: string): unknown[] =>
  tab.told('plugin').flatMap(({ name, detail }) => (name === event ? [detail] : []))

async function signedIn(built: ReturnType<typeof stage>, id = 't1'): Promise<StageTab> {
  const tab = built.attach(id)
  await tab.signIn()
  await built.settle()
  return tab
}

const sentTypes = (nodes: readonly XmlNode[], to: string): (string | undefined)[] =>
  nodes.filter(({ name, attrs }) => name === 'presence' && attrs['to'] === to).map(({ attrs }) => attrs['type'])

describe('the roster', () => {
  test('is what the server says', async () => {
    const tab = await signedIn(stage())

    expect(await contacts(tab)).toEqual([
      {
        jid: ROMEO,
        name: 'Romeo',
        groups: ['Friends'],
        subscription: 'both',
        ask: false,
        show: 'offline',
        devices: [],
      },
    ])
  })

  test('is known to a tab that comes later without being asked for again', async () => {
    const built = stage()
    await signedIn(built)

    const t2 = built.attach('t2')
    await built.settle()

    expect(heard(t2, 'loaded')).toMatchObject([{ contacts: [{ jid: ROMEO }] }])
    expect(built.server.asked).toHaveLength(1)
  })

  test('that has not changed since the worker before is not sent again', async () => {
    const store = memoryStore()
    await signedIn(stage({ ver: 'v1' }, { store }))

    const again = stage({ ver: 'v1', items: '' }, { store })
    const tab = await signedIn(again)

    expect(again.server.asked).toEqual(['v1'])
    expect(await contacts(tab)).toMatchObject([{ jid: ROMEO }])
  })

  test('of a server without versions is asked for without one, and believed', async () => {
    const store = memoryStore()
    await signedIn(stage({}, { store }))

    const again = stage({ items: '' }, { store })
    const tab = await signedIn(again)

    expect(again.server.asked).toEqual([undefined])
    expect(await contacts(tab)).toEqual([])
  })

  test('cannot be listed before the server has said anything', async () => {
    const tab = stage().attach('t1')

    expect(await contacts(tab)).toBe('offline')
  })

  test.each([undefined, ACCOUNT])('changes by a push from %s, in every tab', async (from) => {
    const built = stage()
    const tabs = [await signedIn(built), built.attach('t2')]

    built.server.push(`<item jid='nurse@capulet.example' subscription='to'/>`, from)
    await built.settle()

    for (const tab of tabs) expect(heard(tab, 'changed')).toMatchObject([{ jid: 'nurse@capulet.example' }])
    expect(built.upstream.sent.some(({ attrs }) => attrs['id'] === 'push' && attrs['type'] === 'result')).toBe(true)
  })

  test.each(['mallory@evil.example/x', 'capulet.example', `${ACCOUNT}/other`, ROMEO])(
    'is not changed by a push from %s',
    async (from) => {
      const built = stage()
      const tab = await signedIn(built)

      built.server.push(`<item jid='mallory@evil.example' subscription='both'/>`, from)
      built.server.push(`<item jid='${ROMEO}' subscription='remove'/>`, from)
      await built.settle()

      expect(heard(tab, 'changed')).toEqual([])
      expect(await contacts(tab)).toMatchObject([{ jid: ROMEO }])
      expect(built.upstream.sent.some(({ attrs }) => attrs['id'] === 'push' && attrs['type'] === 'result')).toBe(false)
      const { log } = await tab.inspect()
      expect(log.filter(({ text }) => text.includes(`a push of ${from}`))).toHaveLength(2)
    },
  )

  test('is changed by a tab, which tells it once', async () => {
    const built = stage()
    const tab = await signedIn(built)
    const named = `<item jid='${ROMEO}' name='Ro' subscription='both'><group>Friends</group></item>`

    const reply = await call(tab, 'set', { jid: ROMEO, name: 'Ro' })
    built.server.push(named)
    await built.settle()

    expect(reply.ok).toBe(true)
    const [item] = childrenOf(built.server.sets[0] as XmlNode, NS_ROSTER, 'item')
    expect(item?.attrs).toEqual({ jid: ROMEO, name: 'Ro' })
    expect(item?.children).toHaveLength(1)
    expect(heard(tab, 'changed')).toMatchObject([{ contact: { name: 'Ro', groups: ['Friends'] } }])
  })

  test('is as the server says last, where another device changes the same contact meanwhile', async () => {
    const built = stage()
    const tab = await signedIn(built)
    built.server.held = []
    const setting = call(tab, 'set', { jid: ROMEO, name: 'Ro' })
    await built.settle()
    built.server.push(`<item jid='${ROMEO}' name='Ro' subscription='both'><group>Friends</group></item>`)
    built.server.push(`<item jid='${ROMEO}' name='Montague' subscription='both'/>`)
    for (const answer of built.server.held) answer()
    built.server.held = undefined
    await built.settle()
    await setting

    expect(await contacts(tab)).toMatchObject([{ name: 'Montague', groups: [] }])
    expect(heard(tab, 'changed')).toHaveLength(2)
  })

  test('is not lost where the worker hears of a change before it has read what it kept', async () => {
    const store = memoryStore()
    await signedIn(stage({ ver: 'v1' }, { store }))
    let read = (): void => undefined
    const mayRead = new Promise<void>((resolve) => {
      read = resolve
    })
    const slow = { ...store, kept: (part: string, key: string) => mayRead.then(() => store.kept(part, key)) }

    const built = stage({ ver: 'v1', items: '' }, { store: slow })
    const tab = built.attach('t1')
    await tab.signIn()
    built.server.stream ??= built.upstream.stream
    built.server.push(`<item jid='nurse@capulet.example' subscription='to'/>`)
    await built.settle()
    read()
    await built.settle()

    expect(await contacts(tab)).toContainEqual(expect.objectContaining({ jid: ROMEO }))
  })

  test('loses whom a tab removes', async () => {
    const built = stage()
    const tab = await signedIn(built)

    await call(tab, 'remove', ROMEO)

    expect(heard(tab, 'changed')).toEqual([{ jid: ROMEO }])
    expect(await contacts(tab)).toEqual([])
  })
})

describe('presence of contacts', () => {
  test('is that of the strongest device', async () => {
    const built = stage()
    const tab = await signedIn(built)

    built.server.presence(`${ROMEO}/phone`, '<priority>5</priority><show>away</show><status>in the garden</status>')
    built.server.presence(`${ROMEO}/desk`, '<priority>0</priority>')
    await built.settle()
    expect(heard(tab, 'presence').at(-1)).toMatchObject({ contact: { show: 'away', status: 'in the garden' } })
    built.server.presence(`${ROMEO}/phone`, '', 'unavailable')
    await built.settle()

    expect(heard(tab, 'presence').at(-1)).toMatchObject({
      contact: { show: 'online', devices: [{ resource: 'desk' }] },
    })
  })

  test('of nobody on the roster is nobody’s, but before the roster is known it is kept', async () => {
    const built = stage({ held: [] })
    const tab = await signedIn(built)
    built.server.presence(`${ROMEO}/early`)
    built.server.presence('mallory@evil.example/early')
    await built.settle()
    expect(heard(tab, 'presence')).toEqual([])
    for (const answer of built.server.held ?? []) answer()
    await built.settle()
    built.server.presence('mallory@evil.example/late')
    await built.settle()
    built.server.push(`<item jid='mallory@evil.example'/>`)
    await built.settle()

    expect(await contacts(tab)).toMatchObject([
      { jid: ROMEO, show: 'online' },
      { jid: 'mallory@evil.example', show: 'offline' },
    ])
  })

  test('is over with the session, in every tab', async () => {
    const built = stage()
    const tab = await signedIn(built)
    built.server.presence(`${ROMEO}/desk`)
    await built.settle()

    built.upstream.stream.end('closed')
    await built.settle()

    expect(heard(tab, 'loaded').at(-1)).toMatchObject({ contacts: [{ show: 'offline', devices: [] }] })
  })
})

describe('somebody who wants to see the account', () => {
  const NURSE = 'nurse@capulet.example'
  const asks = (built: ReturnType<typeof stage>): void =>
    built.server.presence(
      NURSE,
      `<status>it is me</status><nick xmlns='http://jabber.org/protocol/nick'>Nurse</nick>`,
      'subscribe',
    )

  test('is told to every tab, once, and to those that come later', async () => {
    const built = stage()
    const t1 = await signedIn(built)
    asks(built)
    asks(built)
    await built.settle()

    const t2 = built.attach('t2')
    await built.settle()

    const request: SubscriptionRequest = { jid: NURSE, nick: 'Nurse', status: 'it is me' }
    expect(heard(t1, 'request')).toEqual([request])
    expect(heard(t2, 'loaded')).toMatchObject([{ requests: [request] }])
  })

  test.each([
    [true, 'subscribed'],
    [false, 'unsubscribed'],
  ])('gets the first answer (%s) alone, and no tab asks any more', async (yes, type) => {
    const built = stage()
    const [t1, t2] = [await signedIn(built), built.attach('t2')]
    asks(built)
    await built.settle()

    await call(t1, 'answer', { jid: NURSE, yes })
    await call(t2, 'answer', { jid: NURSE, yes: !yes })

    expect(sentTypes(built.upstream.sent, NURSE)).toEqual([type])
    for (const tab of [t1, t2]) expect(heard(tab, 'request-closed')).toEqual([{ jid: NURSE }])
  })

  test('is answered by another device: the push says it', async () => {
    const built = stage()
    const tab = await signedIn(built)
    asks(built)
    await built.settle()

    built.server.push(`<item jid='${NURSE}' subscription='from'/>`)
    await built.settle()

    expect(heard(tab, 'request-closed')).toEqual([{ jid: NURSE }])
  })

  test('says no more than fits', async () => {
    const built = stage()
    const tab = await signedIn(built)
    built.server.presence(NURSE, `<status>${'o'.repeat(10_000)}</status>`, 'subscribe')
    await built.settle()

    expect(heard(tab, 'request')).toEqual([{ jid: NURSE, status: 'o'.repeat(1_000) }])
  })

  test('may take it back', async () => {
    const built = stage()
    const tab = await signedIn(built)
    asks(built)
    built.server.presence(NURSE, '', 'unsubscribe')
    await built.settle()

    expect(heard(tab, 'request-closed')).toEqual([{ jid: NURSE }])
  })

  test('is no more than a number of them', async () => {
    const built = stage()
    const tab = await signedIn(built)
    for (let at = 0; at < 300; at++) built.server.presence(`mallory${at}@evil.example`, '', 'subscribe')
    await built.settle()

    expect(heard(tab, 'request')).toHaveLength(200)
  })

  test('sees nothing any more when a tab takes it back', async () => {
    const built = stage()
    const tab = await signedIn(built)

    await call(tab, 'answer', { jid: ROMEO, yes: false })

    expect(sentTypes(built.upstream.sent, ROMEO)).toEqual(['unsubscribed'])
  })
})

test('asking to see somebody is for people, not for rooms', async () => {
  const built = stage()
  const tab = await signedIn(built)
  // Which is on its way: nobody answers for rooms here.
  void tab.attached.api.call('join', { room: ROOM, nick: 'juliet' })
  await built.settle()

  const asked = await call(tab, 'ask', { jid: ROMEO, wanted: true, status: 'please' })
  const refused = await call(tab, 'ask', { jid: ROOM, wanted: true })

  expect(asked.ok).toBe(true)
  expect(refused).toMatchObject({ error: { code: 'not-acceptable' } })
  expect(sentTypes(built.upstream.sent, ROMEO)).toEqual(['subscribe'])
  expect(sentTypes(built.upstream.sent, ROOM)).toEqual([])
})

test('a room is nobody who wants to see the account', async () => {
  const built = stage()
  const tab = await signedIn(built)
  void tab.attached.api.call('join', { room: ROOM, nick: 'juliet' })
  await built.settle()

  built.server.presence(ROOM, '', 'subscribe')
  built.server.presence(`${ROOM}/romeo`, '', 'subscribe')
  await built.settle()

  expect(heard(tab, 'request')).toEqual([])
})

test('what a worker was told of contacts is known to the one that goes on with its session', async () => {
  const server = { stream: undefined as FakeStream | undefined, answers: 0 }
  const both = tabStage({
    plugins: [roster],
    management: 'resumes',
    onSent(node, stream) {
      server.stream = stream
      if (!child(node, NS_ROSTER, 'query')) return
      server.answers += 1
      const query = `<query xmlns='${NS_ROSTER}' ver='v1'>${ROMEO_ITEM}</query>`
      queueMicrotask(() => stream.deliver(`<iq type='result' id='${node.attrs['id']}'>${query}</iq>`))
    },
  })
  const { account } = await both.tab()
  server.stream?.deliver(`<presence from='${ROMEO}/desk'><show>dnd</show></presence>`)
  server.stream?.deliver(`<presence from='nurse@capulet.example' type='subscribe'/>`)
  await both.settle()
  // The server forgets what it is told has been taken in.
  server.stream?.requestAck()
  await both.settle()

  both.worker.die()
  await both.pass(2_000)

  const { contacts, requests } = account.roster.snapshot()
  expect(account.status).toBe('online')
  expect(contacts.get(ROMEO)).toMatchObject({ show: 'dnd', devices: [{ resource: 'desk' }] })
  expect([...requests.keys()]).toEqual(['nurse@capulet.example'])
  both.end()
})

test('without a connection nothing can be asked', async () => {
  const built = stage()
  const tab = built.attach('t1')

  expect(await call(tab, 'ask', { jid: ROMEO, wanted: true })).toMatchObject({ error: { code: 'offline' } })
  expect(await call(tab, 'set', { jid: ROMEO })).toMatchObject({ error: { code: 'offline' } })
})
