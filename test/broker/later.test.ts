import { describe, expect, test } from 'vitest'
import { type Later, NEEDED } from '../../src/broker/later.ts'
import type { Plugin, PluginParts } from '../../src/contract/plugin.ts'
import { ROSTER } from '../../src/contract/roster.ts'
import { later } from '../../src/later.ts'
import { withOwn } from '../../src/own-plugins.ts'
import { memoryStore } from '../../src/storage/memory-store.ts'
import { type BrokerStageOptions, brokerStage } from '../support/fakes/broker-stage.ts'
import { ACCOUNT, gone, present, ROOM } from '../support/fakes/room-xml.ts'

const ROMEO = 'romeo@montague.example'
const NS_MAM = 'urn:xmpp:mam:2'

/** A plug-in of that name that says what it is told. */
function telltale(told: string[]): Plugin {
  const parts: PluginParts = {
    calls: { list: () => 'listed' },
    attached: (tab) => void told.push(`attached ${tab}`),
    online: () => void told.push('online'),
    bookmark: (room) => void told.push(`bookmark ${room}`),
    stanza: (stanza) => {
      told.push(stanza.name)
      return true
    },
    request: () => [],
  }
  return { name: ROSTER, start: () => parts }
}

/** A tab in a room, of a worker that has not loaded anything; `load` ends the loading. */
async function inRoom(options: BrokerStageOptions = {}) {
  const told: string[] = []
  let asked = 0
  let settle: { readonly resolve: (parts: Later) => void; readonly reject: (error: Error) => void } | undefined
  const stage = brokerStage({
    management: 'resumes',
    ...options,
    loadLater: () => {
      asked += 1
      return new Promise((resolve, reject) => {
        settle = { resolve, reject }
      })
    },
  })
  stage.room.enter('romeo')
  const tab = await stage.inRoom('t1')
  return {
    stage,
    tab,
    told,
    asked: () => asked,
    async load(): Promise<void> {
      settle?.resolve({ ...later, plugins: [telltale(told)] })
      await stage.settle()
    },
    async fail(): Promise<void> {
      settle?.reject(new Error('404'))
      await stage.settle()
    },
    hear: async (xml: string): Promise<void> => {
      stage.upstream.stream.deliver(xml)
      await stage.settle()
    },
  }
}

const chat = (body: string): string =>
  `<message from='${ROMEO}/orchard' to='${ACCOUNT}/web-1' type='chat' id='${body}'><body>${body}</body></message>`

describe('an account that is in rooms', () => {
  test('loads nothing more, whatever is said and shown there, and asks once whether anybody else has said anything', async () => {
    const { stage, tab, hear, asked } = await inRoom()
    await tab.send('hello')
    stage.room.say('romeo', 'good morrow')
    await hear(present('nurse'))
    await hear(gone('nurse'))
    await hear(`<presence from='${ACCOUNT}/phone'/>`)
    await hear(`<presence from='${ROMEO}/orchard' type='unavailable'/>`)
    await hear(`<message from='${ROMEO}' type='error'><body>x</body></message>`)
    await hear(`<iq from='${ROMEO}/orchard' type='get' id='v1'><query xmlns='jabber:iq:version'/></iq>`)
    await tab.call('history', { room: ROOM, limit: 10 })

    expect(asked()).toBe(0)
    const queries = stage.upstream.sent.filter(
      ({ attrs, children }) => attrs['to'] === ACCOUNT && JSON.stringify(children).includes(NS_MAM),
    )
    expect(queries).toHaveLength(1)
  })

  test.each([
    ['somebody speaks to the account alone', chat('hark')],
    ['a contact is there', `<presence from='${ROMEO}/orchard'/>`],
    ['somebody wants to see the account', `<presence from='${ROMEO}' type='subscribe'/>`],
    [
      'the roster changes',
      `<iq type='set' id='p1'><query xmlns='jabber:iq:roster'><item jid='${ROMEO}'/></query></iq>`,
    ],
    [
      'the room has a picture',
      `<presence from='${ROOM}'><x xmlns='vcard-temp:x:update'><photo>${'a'.repeat(40)}</photo></x></presence>`,
    ],
    [
      'a copy comes of what another device got',
      `<message from='${ACCOUNT}'><received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>${chat('hark').replace('<message ', "<message xmlns='jabber:client' ")}</forwarded></received></message>`,
    ],
  ])('loads the rest when %s', async (_what, xml) => {
    const { hear, asked } = await inRoom()
    await hear(xml)
    expect(asked()).toBe(1)
  })
})

describe('what needs a part that is not there yet', () => {
  test('waits for it, and all that comes behind it, in its order; nothing of it is acknowledged before', async () => {
    const { stage, tab, load, asked } = await inRoom()
    const { stream } = stage.upstream
    const acknowledged = (): number => (stream.session as { acknowledged: number }).acknowledged
    stream.requestAck()
    await stage.settle()
    const before = acknowledged()

    stream.deliver(chat('hark'))
    stage.room.say('romeo', 'after that')
    stream.requestAck()
    await stage.settle()
    expect(tab.told('message')).toEqual([])
    expect(acknowledged()).toBe(before)
    await load()

    expect(tab.told('message').map(({ message }) => message.body)).toEqual(['after that'])
    expect(tab.told('chats').at(-1)?.chats).toMatchObject([{ jid: ROMEO, unread: 1, newest: { body: 'hark' } }])
    expect(acknowledged()).toBe(before + 2)
    expect(asked()).toBe(1)
  })

  test('is told what there is: tabs, bookmarks, and that there is a session', async () => {
    const { stage, tab, told, load } = await inRoom()
    await stage.attach('t2').signIn()
    await tab.call('setBookmark', { room: ROOM, autojoin: true })

    const reply = tab.call('plugin', { plugin: ROSTER, method: 'list', args: null })
    await load()

    expect(await reply).toMatchObject({ ok: true, value: 'listed' })
    expect(told).toEqual(['attached t1', 'attached t2', `bookmark ${ROOM}`, 'online'])
  })

  test('is a call that fails where it cannot be loaded; the next one tries again', async () => {
    const { stage, tab, load, fail, asked } = await inRoom()
    const list = () => tab.call('plugin', { plugin: ROSTER, method: 'list', args: null })

    const first = list()
    await fail()
    expect(await first).toMatchObject({ ok: false, error: { code: 'worker-error' } })
    stage.clock.advance(10_000)
    const second = list()
    await load()

    expect(await second).toMatchObject({ ok: true, value: 'listed' })
    expect(asked()).toBe(2)
  })

  test.each([
    ['search', { text: 'hark', limit: 10 }],
    ['listenTo', { room: ROMEO, shown: true }],
    ['askRoom', { room: ROOM, name: 'reservedNick', args: null }],
    ['postToRoom', { room: ROOM, post: { post: 'request-voice' } }],
    ['directPresence', { to: ROMEO, presence: { show: 'away' } }],
  ] as const)('fails %s by the code of what is lost', async (name, args) => {
    const { tab, fail } = await inRoom()
    const reply = tab.call(name, args)
    await fail()
    expect(await reply).toMatchObject({ ok: false, error: { code: 'worker-error' } })
  })

  test('harms nothing else where it cannot be loaded, is waited for 10 s at most, and for what others send is not tried again at once', async () => {
    const { stage, tab, hear, asked } = await inRoom()
    await hear(chat('hark'))
    stage.room.say('romeo', 'after that')
    await stage.settle()
    stage.clock.advance(10_000)
    await stage.settle()
    await hear(chat('hear me'))

    expect(tab.told('message').map(({ message }) => message.body)).toEqual(['after that'])
    expect(asked()).toBe(1)
    const { log } = await tab.inspect()
    expect(log.filter(({ text }) => text.includes('cannot be loaded'))).toHaveLength(1)

    stage.clock.advance(300_000)
    await hear(chat('once more'))
    expect(asked()).toBe(2)
  })

  test('of a person whose archive holds what was said before is there from the beginning of the session', async () => {
    const first = await inRoom()
    first.stage.chats.say(`${ROMEO}/orchard`, 'hark', { quiet: true })
    const second = await inRoom({ chats: first.stage.chats })
    expect(second.asked()).toBe(1)
    await second.load()

    const listed = await second.tab.call('history', { room: ROMEO, limit: 10 })
    expect(listed).toMatchObject({ ok: true, value: { messages: [{ body: 'hark' }] } })
  })

  test('is known to the next worker, but for what rooms are asked now and then', async () => {
    const store = memoryStore()
    const { tab, stage, load } = await inRoom({ store })
    const question = tab.call('askRoom', { room: ROOM, name: 'reservedNick', args: null })
    await load()
    await question
    expect(await store.kept(NEEDED.part, NEEDED.key)).toBeUndefined()

    const other = await inRoom({ store: stage.store })
    await other.hear(chat('hark'))
    expect(await store.kept(NEEDED.part, NEEDED.key)).toBe(true)
  })
})

test('what is loaded later wants to hear of what the account says that it can', () => {
  const said = (plugins: readonly Plugin[]): readonly string[] => plugins.flatMap(({ features = [] }) => features)
  expect(said(withOwn([])).toSorted()).toEqual(said(later.plugins).toSorted())
})
