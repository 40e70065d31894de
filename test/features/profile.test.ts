import { describe, expect, test } from 'vitest'
import { PROFILE } from '../../src/contract/profile.ts'
import { profile } from '../../src/features/profile.ts'
import { NS_VCARD4 } from '../../src/protocol/profile.ts'
import { NS_VCARD } from '../../src/protocol/xep-0054-vcard.ts'
import { NS_NICK } from '../../src/protocol/xep-0172-nick.ts'
import { elementsOf, type XmlNode } from '../../src/protocol/xml.ts'
import { brokerStage, type StageTab } from '../support/fakes/broker-stage.ts'
import type { FakeStream } from '../support/fakes/fake-upstream.ts'
import { ACCOUNT } from '../support/fakes/room-xml.ts'
import { errorXml, writeXml } from '../support/fakes/xml.ts'

const NS_PUBSUB = 'http://jabber.org/protocol/pubsub'
const ROMEO = 'romeo@montague.example'
const OLD = `<vCard xmlns='${NS_VCARD}'><FN>Romeo</FN><EMAIL><WORK/><USERID>romeo@work.example</USERID></EMAIL><KEY>k</KEY></vCard>`
const TODAY = `<vcard xmlns='${NS_VCARD4}'><fn><text>Romeo M.</text></fn><tel><uri>tel:+39</uri></tel></vcard>`

interface Server {
  /** The own server has cards of today. */
  today: boolean
  pep: boolean
  /** Cards by whose they are, of either kind. */
  readonly old: Map<string, string>
  readonly nodes: Map<string, string>
  readonly nicks: string[]
  stream: FakeStream | undefined
}

function stage(words: Partial<Server> = {}) {
  const server: Server = {
    today: true,
    pep: true,
    old: new Map(),
    nodes: new Map(),
    nicks: [],
    stream: undefined,
    ...words,
  }
  const answerTo = (to: string, type: string, query: XmlNode): string | undefined => {
    if (query.ns === NS_VCARD) {
      if (type === 'set') server.old.set(to, writeXml(query))
      return type === 'set' ? '' : server.old.get(to)
    }
    if (query.name === 'query')
      return `<query xmlns='${query.ns}'>${server.today ? `<feature var='${NS_VCARD4}'/>` : ''}</query>`
    const [action] = elementsOf(query)
    const node = action?.attrs['node'] ?? ''
    if (!server.pep) return undefined
    const [item] = action ? elementsOf(action) : []
    const [payload] = item ? elementsOf(item) : []
    if (type === 'set' && payload) {
      if (node === NS_NICK) server.nicks.push(String(payload.children[0] ?? ''))
      else server.nodes.set(to, writeXml(payload))
      return ''
    }
    const card = server.nodes.get(to)
    return node.endsWith('vcard4') && card
      ? `<pubsub xmlns='${NS_PUBSUB}'><items node='${node}'><item id='current'>${card}</item></items></pubsub>`
      : undefined
  }
  const built = brokerStage({
    plugins: [profile],
    onSent(node, stream) {
      server.stream = stream
      const { id, type = '', to = ACCOUNT } = node.attrs
      const [query] = elementsOf(node)
      if (node.name !== 'iq' || !query) return
      const answer = answerTo(to, type, query)
      const from = node.attrs['to'] === undefined ? '' : `from='${to}'`
      const how = answer === undefined ? 'error' : 'result'
      queueMicrotask(() =>
        stream.deliver(`<iq type='${how}' ${from} id='${id}'>${answer ?? errorXml('item-not-found')}</iq>`),
      )
    },
  })
  return { ...built, server }
}

const call = (tab: StageTab, method: string, args: unknown = null) =>
  tab.call('plugin', { plugin: PROFILE, method, args })

async function signedIn(built: ReturnType<typeof stage>): Promise<StageTab> {
  const tab = built.attach('t1')
  await tab.signIn()
  await built.settle()
  return tab
}

const nicksTold = (tab: StageTab): unknown[] =>
  tab.told('plugin').flatMap(({ name, detail }) => (name === 'nick' ? [detail] : []))

const nickEvent = (from: string | undefined, nick: string): string =>
  `<message ${from === undefined ? '' : `from='${from}'`} type='headline'><event xmlns='${NS_PUBSUB}#event'><items node='${NS_NICK}'><item id='x'><nick xmlns='${NS_NICK}'>${nick}</nick></item></items></event></message>`

describe('what somebody says of themselves', () => {
  test.each([
    ['in a card of today', { nodes: new Map([[ROMEO, TODAY]]) }, { fullName: 'Romeo M.', phone: '+39' }],
    ['in a card of old', { old: new Map([[ROMEO, OLD]]) }, { fullName: 'Romeo', email: 'romeo@work.example' }],
    ['nowhere', {}, {}],
  ])('is read %s', async (_where, words, expected) => {
    const tab = await signedIn(stage(words))

    expect(await call(tab, 'get', `${ROMEO}/desk`)).toMatchObject({ value: expected })
  })

  test('cannot be read without a connection', async () => {
    expect(await call(stage().attach('t1'), 'get', ROMEO)).toMatchObject({ error: { code: 'offline' } })
  })
})

describe('what the account says of itself', () => {
  test('goes into its card of old, where everything else stays', async () => {
    const built = stage({ today: false, old: new Map([[ACCOUNT, OLD]]) })
    const tab = await signedIn(built)

    await call(tab, 'set', { fullName: 'Juliet', note: 'at home', email: 'juliet@capulet.example' })

    expect(await call(tab, 'get')).toMatchObject({
      value: { fullName: 'Juliet', note: 'at home', email: 'juliet@capulet.example' },
    })
    expect(built.server.old.get(ACCOUNT)).toContain('<KEY>k</KEY>')
    expect(built.server.old.get(ACCOUNT)).toContain('<WORK/>')
    expect(built.server.nodes.size).toBe(0)
  })

  test('goes into a card of today where the server has those, and is taken out of it', async () => {
    const built = stage()
    const tab = await signedIn(built)

    await call(tab, 'set', { fullName: 'Juliet', givenName: 'Juliet', phone: '+39 1' })
    expect(await call(tab, 'get')).toMatchObject({ value: { fullName: 'Juliet', givenName: 'Juliet', phone: '+39 1' } })
    expect(built.server.nodes.get(ACCOUNT)).toContain('<uri>tel:+39 1</uri>')
    await call(tab, 'set', { givenName: '', phone: '' })

    expect(await call(tab, 'get')).toMatchObject({ value: { fullName: 'Juliet' } })
    expect(built.server.nodes.get(ACCOUNT)).not.toContain('<n>')
    expect(built.server.old.size).toBe(0)
  })

  test('by two tabs at once is one after the other: both are there', async () => {
    const built = stage()
    const [t1, t2] = [await signedIn(built), built.attach('t2')]

    await Promise.all([call(t1, 'set', { fullName: 'Juliet' }), call(t2, 'set', { role: 'daughter' })])

    expect(await call(t1, 'get')).toMatchObject({ value: { fullName: 'Juliet', role: 'daughter' } })
  })

  test('may be a name, which is published and told', async () => {
    const built = stage()
    const tab = await signedIn(built)

    await call(tab, 'set', { nick: 'Jule' })
    built.server.stream?.deliver(nickEvent(undefined, 'Jule'))
    await built.settle()

    expect(built.server.nicks).toEqual(['Jule'])
    expect(nicksTold(tab)).toEqual([{ jid: ACCOUNT, nick: 'Jule' }])
  })

  test('may be a name where there are no nodes', async () => {
    const built = stage({ today: false, pep: false })
    const tab = await signedIn(built)

    expect(await call(tab, 'set', { nick: 'Jule' })).toMatchObject({ ok: true })
    expect(built.server.old.get(ACCOUNT)).toContain('<NICKNAME>Jule</NICKNAME>')
  })
})

describe('what people call themselves', () => {
  test('is heard of themselves alone, as often as it changes', async () => {
    const built = stage()
    const tab = await signedIn(built)

    for (const [from, nick] of [
      [ROMEO, 'Ro'],
      [ROMEO, 'Ro'],
      [`${ROMEO}/desk`, 'forged'],
      [ROMEO, ''],
    ] as const)
      built.server.stream?.deliver(nickEvent(from, nick))
    await built.settle()

    expect(nicksTold(tab)).toEqual([{ jid: ROMEO, nick: 'Ro' }, { jid: ROMEO }])
  })

  test('is no longer than a name', async () => {
    const built = stage()
    const tab = await signedIn(built)

    built.server.stream?.deliver(nickEvent(ROMEO, 'o'.repeat(5_000)))
    await built.settle()

    expect(nicksTold(tab)).toEqual([{ jid: ROMEO, nick: 'o'.repeat(200) }])
  })
})
