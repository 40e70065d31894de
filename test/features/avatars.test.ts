import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { base64, bytesOf } from '../../src/adapters/web-crypto.ts'
import type { AvatarImage } from '../../src/contract/avatars.ts'
import { AVATARS } from '../../src/contract/avatars.ts'
import { avatars } from '../../src/features/avatars.ts'
import { NS_VCARD } from '../../src/protocol/xep-0054-vcard.ts'
import { NS_AVATAR_DATA, NS_AVATAR_METADATA } from '../../src/protocol/xep-0084-user-avatar.ts'
import { readAvatarUpdate } from '../../src/protocol/xep-0153-vcard-avatar.ts'
import { child, childrenOf, elementsOf, type XmlNode } from '../../src/protocol/xml.ts'
import { memoryStore } from '../../src/storage/memory-store.ts'
import { type BrokerStageOptions, brokerStage, type StageTab } from '../support/fakes/broker-stage.ts'
import { fakeClock } from '../support/fakes/fake-clock.ts'
import { fakeMuc } from '../support/fakes/fake-muc.ts'
import type { FakeStream } from '../support/fakes/fake-upstream.ts'
import { ACCOUNT, ROOM } from '../support/fakes/room-xml.ts'
import { errorXml, writeXml } from '../support/fakes/xml.ts'

const NS_PUBSUB = 'http://jabber.org/protocol/pubsub'
const ROMEO = 'romeo@montague.example'
const PNG = `iVBORw0KGgo${'A'.repeat(21)}`
const OTHER = `iVBORw0KGgo${'B'.repeat(21)}`
// Node's own WebCrypto takes time that no fake clock knows of.
const sha1 = async (bytes: Uint8Array): Promise<string> => createHash('sha1').update(bytes).digest('hex')
const plugin = avatars({ sha1, toBase64: base64, fromBase64: bytesOf })

const hashOf = (image: string): string => createHash('sha1').update(Buffer.from(image, 'base64')).digest('hex')

const update = (hash: string): string => `<x xmlns='vcard-temp:x:update'><photo>${hash}</photo></x>`
const card = (image: string): string =>
  `<vCard xmlns='${NS_VCARD}'><PHOTO><TYPE>image/svg+xml</TYPE><BINVAL>${image}</BINVAL></PHOTO></vCard>`
const metadataEvent = (from: string | undefined, hash: string, more = ''): string =>
  `<message ${from === undefined ? '' : `from='${from}'`} type='headline'><event xmlns='${NS_PUBSUB}#event'><items node='${NS_AVATAR_METADATA}'><item id='x'><metadata xmlns='${NS_AVATAR_METADATA}'>${hash && `<info id='${hash}' bytes='10' type='image/png' ${more}/>`}</metadata></item></items></event></message>`

interface Server {
  /** What cards are at which address; of the account itself at its bare JID. */
  readonly cards: Map<string, string>
  /** Images that nodes have, by owner. */
  readonly nodes: Map<string, string>
  conversion: boolean
  pep: boolean
  /** It answers nothing. */
  silent: boolean
  /** What it was asked for: of whom, and for what. */
  readonly asked: string[]
  stream: FakeStream | undefined
}

function stage(words: Partial<Server> = {}, options: BrokerStageOptions = {}) {
  const server: Server = {
    cards: new Map(),
    nodes: new Map(),
    conversion: false,
    pep: true,
    silent: false,
    asked: [],
    stream: undefined,
    ...words,
  }
  const clock = fakeClock()
  const muc = fakeMuc({ clock })
  const answerTo = (to: string, query: XmlNode, type: string): string | undefined => {
    if (query.ns === NS_VCARD) {
      server.asked.push(`${type} card ${to}`)
      if (type === 'set') server.cards.set(to, writeXml(query))
      return type === 'set' ? '' : server.cards.get(to)
    }
    if (query.name === 'query')
      return `<query xmlns='${query.ns}'>${server.conversion ? `<feature var='urn:xmpp:pep-vcard-conversion:0'/>` : ''}</query>`
    const [action] = elementsOf(query)
    const node = action?.attrs['node'] ?? ''
    if (node !== NS_AVATAR_DATA && node !== NS_AVATAR_METADATA) return undefined
    const kind = node === NS_AVATAR_DATA ? 'image' : 'metadata'
    server.asked.push(`${action?.name} ${kind} ${to}`)
    if (!server.pep) return undefined
    if (type === 'set') return ''
    const image = server.nodes.get(to)
    if (image === undefined) return undefined
    const payload =
      kind === 'image'
        ? `<data xmlns='${NS_AVATAR_DATA}'>${image}</data>`
        : `<metadata xmlns='${NS_AVATAR_METADATA}'><info id='${hashOf(image)}' bytes='1' type='image/png'/></metadata>`
    return `<pubsub xmlns='${NS_PUBSUB}'><items node='${node}'><item id='${hashOf(image)}'>${payload}</item></items></pubsub>`
  }
  const built = brokerStage({
    plugins: [plugin],
    clock,
    ...options,
    onSent(node, stream) {
      server.stream = stream
      const { id, type = '', to = ACCOUNT } = node.attrs
      const [query] = elementsOf(node)
      const isOurs = query && (query.ns === NS_VCARD || query.ns === NS_PUBSUB || to === ACCOUNT)
      if (node.name !== 'iq' || !isOurs) return muc.onSent(node, stream)
      if (server.silent) return
      const answer = answerTo(to, query, type)
      const words = answer === undefined ? `type='error'` : `type='result'`
      const from = node.attrs['to'] === undefined ? '' : `from='${to}'`
      queueMicrotask(() =>
        stream.deliver(`<iq ${words} ${from} id='${id}'>${answer ?? errorXml('item-not-found')}</iq>`),
      )
    },
  })
  return { ...built, room: muc.room(ROOM), server }
}

type Built = ReturnType<typeof stage>

async function signedIn(built: Built, id = 't1'): Promise<StageTab> {
  const tab = built.attach(id)
  await tab.signIn()
  return tab
}

async function act(tab: StageTab, method: string, args: unknown = null) {
  const reply = tab.attached.api.call('plugin', { plugin: AVATARS, method, args })
  let done = false
  void reply.then(() => {
    done = true
  })
  // As many round trips as it takes.
  for (let at = 0; at < 20 && !done; at++) await tab.inspect()
  return reply
}

async function image(tab: StageTab, args: { jid?: string; hash?: string }): Promise<string | undefined> {
  const reply = await act(tab, 'image', args)
  if (!reply.ok) return reply.error.code
  const found = reply.value as AvatarImage | null
  return found ? `${found.type} ${found.hash}` : undefined
}

const told = (tab: StageTab, event: string): unknown[] =>
  tab.told('plugin').flatMap(({ name, detail }) => (name === event ? [detail] : []))

const fetched = ({ server }: Built): string[] => server.asked.filter((each) => !each.endsWith(ACCOUNT))

describe('the picture of an occupant', () => {
  const JID = `${ROOM}/romeo`

  test('is asked for once, by however many tabs, and checked by its hash', async () => {
    const built = stage({ cards: new Map([[JID, card(PNG)]]) })
    const tabs = [await built.inRoom('t1'), await built.inRoom('t2')]

    const ask = { jid: JID, hash: hashOf(PNG) }
    const found = await Promise.all([...tabs, ...tabs].map((tab) => image(tab, ask)))

    expect(found).toEqual(Array(4).fill(`image/png ${hashOf(PNG)}`))
    expect(fetched(built)).toEqual([`get card ${JID}`])
    expect(await image(tabs[0] as StageTab, ask)).toBe(found[0])
    expect(fetched(built)).toHaveLength(1)
  })

  test.each([
    ['another image', card(OTHER), hashOf(PNG)],
    ['no image', card(base64(new TextEncoder().encode('<svg/>'))), hashOf(base64(new TextEncoder().encode('<svg/>')))],
    ['what is no base64', card('§§§'), hashOf(PNG)],
    ['no picture', `<vCard xmlns='${NS_VCARD}'/>`, hashOf(PNG)],
    ['nothing', undefined, hashOf(PNG)],
  ])('is none where there is %s, and is not asked for again soon', async (_what, xml, hash) => {
    const built = stage({ cards: new Map(xml === undefined ? [] : [[JID, xml]]) })
    const tab = await built.inRoom('t1')

    expect(await image(tab, { jid: JID, hash })).toBeUndefined()
    expect(await image(tab, { jid: JID, hash })).toBeUndefined()
    expect(fetched(built)).toHaveLength(1)

    built.server.cards.set(JID, card(PNG))
    built.clock.advance(300_000)
    const later = await image(tab, { jid: JID, hash })
    expect(later).toBe(hash === hashOf(PNG) ? `image/png ${hash}` : undefined)
  })

  test('with which the connection was lost is not asked for again at once', async () => {
    const built = stage({ silent: true })
    const tab = await built.inRoom('t1')
    const ask = { jid: JID, hash: hashOf(PNG) }
    const first = image(tab, ask)
    await built.settle()
    built.upstream.stream.end('closed')
    expect(await first).toBe('timeout')
    built.clock.advance(2_000)
    await built.settle()
    built.server.silent = false
    built.server.cards.set(JID, card(PNG))

    expect(await image(tab, ask)).toBeUndefined()
    built.clock.advance(60_000)
    await built.settle()
    expect(await image(tab, ask)).toBe(`image/png ${hashOf(PNG)}`)
  })

  test('that is too large is none', async () => {
    const large = `${PNG.slice(0, 12)}${'A'.repeat(1_400_000)}`
    const built = stage({ cards: new Map([[JID, card(large)]]) })
    const tab = await built.inRoom('t1')

    expect(await image(tab, { jid: JID, hash: hashOf(large) })).toBeUndefined()
  })

  test('is there for the next worker, without a connection', async () => {
    const store = memoryStore()
    const first = stage({ cards: new Map([[JID, card(PNG)]]) }, { store })
    await image(await first.inRoom('t1'), { jid: JID, hash: hashOf(PNG) })

    const next = stage({}, { store })
    const tab = next.attach('t2')

    expect(await image(tab, { hash: hashOf(PNG) })).toBe(`image/png ${hashOf(PNG)}`)
    expect(await image(tab, { jid: JID, hash: hashOf(OTHER) })).toBe('offline')
  })

  test('goes when there are too many, the one used longest ago first', async () => {
    const store = memoryStore()
    const built = stage({}, { store })
    const tab = await built.inRoom('t1')
    const numbered = (n: number): string => base64(Uint8Array.from([...bytesOf(PNG), n >> 8, n & 255]))
    for (let n = 0; n <= 500; n++) {
      built.server.cards.set(JID, card(numbered(n)))
      await image(tab, { jid: JID, hash: hashOf(numbered(n)) })
      if (n === 250) await image(tab, { hash: hashOf(numbered(0)) })
    }

    expect(await image(tab, { hash: hashOf(numbered(0)) })).toBeDefined()
    expect(await image(tab, { hash: hashOf(numbered(1)) })).toBeUndefined()
    expect(await store.kept(AVATARS, hashOf(numbered(1)))).toBeUndefined()
    expect(await image(tab, { hash: hashOf(numbered(2)) })).toBeDefined()
  })
})

describe('the picture of a person', () => {
  test('is asked for at their node, and where that has none, of their card', async () => {
    const built = stage({ nodes: new Map([[ROMEO, PNG]]), cards: new Map([['nurse@a.example', card(OTHER)]]) })
    const tab = await signedIn(built)

    expect(await image(tab, { jid: `${ROMEO}/desk` })).toBe(`image/png ${hashOf(PNG)}`)
    expect(await image(tab, { jid: 'nurse@a.example' })).toBe(`image/png ${hashOf(OTHER)}`)
    expect(await image(tab, { jid: 'nobody@a.example' })).toBeUndefined()
    expect(await image(tab, { jid: 'nobody@a.example' })).toBeUndefined()

    expect(fetched(built)).toEqual([
      `items metadata ${ROMEO}`,
      `items image ${ROMEO}`,
      'items metadata nurse@a.example',
      'get card nurse@a.example',
      'items metadata nobody@a.example',
      'get card nobody@a.example',
    ])
  })

  test('is told by their node, or by their presence where there is none', async () => {
    const built = stage()
    const tab = await signedIn(built)

    built.server.stream?.deliver(`<presence from='${ROMEO}/desk'>${update(hashOf(OTHER))}</presence>`)
    built.server.stream?.deliver(metadataEvent(ROMEO, hashOf(PNG)))
    built.server.stream?.deliver(`<presence from='${ROMEO}/desk'>${update(hashOf(OTHER))}</presence>`)
    built.server.stream?.deliver(metadataEvent(ROMEO, ''))
    await built.settle()

    expect(told(tab, 'changed')).toEqual([
      { jid: ROMEO, hash: hashOf(OTHER) },
      { jid: ROMEO, hash: hashOf(PNG) },
      { jid: ROMEO },
    ])
    expect(fetched(built)).toEqual([])
  })

  test.each(['no hash', 'a'.repeat(41), 'z'.repeat(40)])('is not what %j in a presence names', async (text) => {
    const built = stage()
    const tab = await signedIn(built)

    built.server.stream?.deliver(`<presence from='${ROMEO}/desk'>${update(text)}</presence>`)
    await built.settle()

    expect(told(tab, 'changed')).toEqual([])
  })

  test.each([
    ['of a device', `${ROMEO}/desk`, ''],
    ['that is elsewhere', ROMEO, `url='https://evil.example/'`],
  ])('is not what a word %s says', async (_what, from, more) => {
    const built = stage()
    const tab = await signedIn(built)

    built.server.stream?.deliver(metadataEvent(from, hashOf(PNG), more))
    await built.settle()

    expect(told(tab, 'changed').filter((each) => JSON.stringify(each).includes(hashOf(PNG)))).toEqual([])
  })

  test('is known for no more than a number of people', async () => {
    const built = stage()
    await signedIn(built)
    for (let n = 0; n < 2_100; n++) built.server.stream?.deliver(metadataEvent(`mallory${n}@evil.example`, hashOf(PNG)))
    await built.settle()

    const late = built.attach('t2')
    await built.settle()

    const [hashes] = told(late, 'hashes')
    expect(hashes).toHaveProperty('size', 2_000)
  })
})

test('the picture of a room is what the room says of itself, and nobody in it', async () => {
  const built = stage({ cards: new Map([[ROOM, card(PNG)]]) })
  const tab = await built.inRoom('t1')

  built.server.stream?.deliver(`<presence from='${ROOM}'>${update(hashOf(PNG))}</presence>`)
  built.server.stream?.deliver(`<presence from='${ROOM}/nobody'>${update(hashOf(OTHER))}</presence>`)
  await built.settle()

  expect(told(tab, 'changed')).toEqual([{ jid: ROOM, hash: hashOf(PNG) }])
  expect(await image(tab, { jid: ROOM, hash: hashOf(PNG) })).toBe(`image/png ${hashOf(PNG)}`)
  expect(fetched(built)).toEqual([`get card ${ROOM}`])
})

describe('the own picture', () => {
  const hashesShown = ({ upstream }: Built): (string | undefined)[] =>
    upstream.sent
      .filter(({ name }) => name === 'presence')
      .map((each) => `${each.attrs['to']} ${readAvatarUpdate(each)}`)

  test('is published once, put into the card beside what is there, and shown to all and in each room', async () => {
    const built = stage({ cards: new Map([[ACCOUNT, `<vCard xmlns='${NS_VCARD}'><FN>Juliet</FN></vCard>`]]) })
    const [t1, t2] = [await built.inRoom('t1'), await built.inRoom('t2')]

    expect(await act(t1, 'set', bytesOf(PNG))).toMatchObject({ value: hashOf(PNG) })
    built.server.stream?.deliver(metadataEvent(undefined, hashOf(PNG)))
    await built.settle()

    expect(built.server.asked).toEqual([
      `get card ${ACCOUNT}`,
      `set card ${ACCOUNT}`,
      `publish image ${ACCOUNT}`,
      `publish metadata ${ACCOUNT}`,
    ])
    expect(built.server.cards.get(ACCOUNT)).toContain('Juliet')
    expect(built.server.cards.get(ACCOUNT)).toContain(PNG)
    expect(hashesShown(built).filter((each) => each?.endsWith(hashOf(PNG)))).toEqual([
      `undefined ${hashOf(PNG)}`,
      `${ROOM}/juliet ${hashOf(PNG)}`,
    ])
    for (const tab of [t1, t2]) expect(told(tab, 'changed')).toEqual([{ jid: ACCOUNT, hash: hashOf(PNG) }])
    expect(await image(t2, { jid: ACCOUNT })).toBe(`image/png ${hashOf(PNG)}`)
  })

  test('is left to the server where it keeps node and card the same', async () => {
    const built = stage({ conversion: true })
    await act(await signedIn(built), 'set', bytesOf(PNG))

    expect(built.server.asked).toEqual([`publish image ${ACCOUNT}`, `publish metadata ${ACCOUNT}`])
  })

  test('is in the card alone where there are no nodes', async () => {
    const built = stage({ pep: false })
    const tab = await signedIn(built)

    expect(await act(tab, 'set', bytesOf(PNG))).toMatchObject({ ok: true })
    expect(told(tab, 'changed')).toEqual([{ jid: ACCOUNT, hash: hashOf(PNG) }])
  })

  test('is part of the first presence of the next worker, and looked up once', async () => {
    const store = memoryStore()
    const first = stage({ nodes: new Map([[ACCOUNT, PNG]]) }, { store, management: 'resumes' })
    await act(await signedIn(first), 'set', bytesOf(PNG))
    first.server.stream?.requestAck()
    await first.settle()

    const next = stage({ nodes: new Map([[ACCOUNT, PNG]]) }, { store })
    await signedIn(next)

    expect(hashesShown(next)[0]).toBe(`undefined ${hashOf(PNG)}`)
    expect(next.server.asked).toEqual([`items metadata ${ACCOUNT}`])
  })

  test('that another device has removed is not shown any more', async () => {
    const store = memoryStore()
    const first = stage({}, { store, management: 'resumes' })
    await act(await signedIn(first), 'set', bytesOf(PNG))
    first.server.stream?.requestAck()
    await first.settle()

    const next = stage({}, { store })
    await signedIn(next)

    expect(hashesShown(next)).toEqual([`undefined ${hashOf(PNG)}`, 'undefined '])
  })

  test('can be removed: the node says so, and then nothing', async () => {
    const built = stage({ conversion: true })
    const tab = await signedIn(built)
    await act(tab, 'set', bytesOf(PNG))
    built.server.asked.length = 0

    expect(await act(tab, 'remove')).toMatchObject({ ok: true })

    expect(built.server.asked).toEqual([`publish metadata ${ACCOUNT}`, `retract metadata ${ACCOUNT}`])
    expect(told(tab, 'changed').at(-1)).toEqual({ jid: ACCOUNT })
    expect(hashesShown(built).at(-1)).toBe('undefined ')
  })

  test.each([
    ['is none', new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ['is too large for a stanza', Uint8Array.from({ length: 128 * 1024 + 1 }, (_, at) => bytesOf(PNG)[at] ?? 0)],
  ])('cannot be what %s', async (_what, bytes) => {
    const built = stage()
    const tab = await signedIn(built)

    expect(await act(tab, 'set', bytes)).toMatchObject({ error: { code: 'not-acceptable' } })
    expect(built.server.asked).toEqual([])
  })

  test('is set by one tab after the other', async () => {
    const built = stage({ conversion: true })
    const [t1, t2] = [await signedIn(built), built.attach('t2')]

    await Promise.all([act(t1, 'set', bytesOf(PNG)), act(t2, 'set', bytesOf(OTHER))])
    await built.settle()

    const published = built.upstream.sent.flatMap((node) => {
      const pubsub = child(node, NS_PUBSUB, 'pubsub')
      const publish = pubsub && child(pubsub, NS_PUBSUB, 'publish')
      return publish ? childrenOf(publish, NS_PUBSUB, 'item').map(({ attrs }) => attrs['id']) : []
    })
    expect(published).toEqual([hashOf(PNG), hashOf(PNG), hashOf(OTHER), hashOf(OTHER)])
    expect(told(t2, 'changed').at(-1)).toEqual({ jid: ACCOUNT, hash: hashOf(OTHER) })
  })
})
