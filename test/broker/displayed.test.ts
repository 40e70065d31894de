import { describe, expect, test } from 'vitest'
import { childText, elementsOf, type XmlNode } from '../../src/protocol/xml.ts'
import { memoryStore } from '../../src/storage/memory-store.ts'
import { type BrokerStage, type BrokerStageOptions, brokerStage, type StageTab } from '../support/fakes/broker-stage.ts'
import { ACCOUNT, ROOM, said } from '../support/fakes/room-xml.ts'

const NS_MARKERS = 'urn:xmpp:chat-markers:0'
const NS_MDS = 'urn:xmpp:mds:displayed:0'

/** So many tabs in the room, at which nobody looks. */
async function hidden(count: number, options?: BrokerStageOptions) {
  const stage = brokerStage(options)
  const tabs: StageTab[] = []
  for (let at = 1; at <= count; at++) {
    const tab = await stage.inRoom(`t${at}`)
    await tab.call('visible', { hidden: true })
    tabs.push(tab)
  }
  const [t1, t2] = tabs
  if (!t1) throw new Error('no tab')
  return { stage, tabs, t1, t2: t2 ?? t1 }
}

const say = async ({ room, settle }: BrokerStage, body: string): Promise<string> => {
  room.say('romeo', body)
  await settle()
  return room.archive.at(-1)?.archiveId ?? ''
}
const pass = async ({ clock, settle }: BrokerStage, ms: number): Promise<void> => {
  clock.advance(ms)
  await settle()
}
const countsOf = (tab: StageTab): [unread: number, mentions: number] | undefined => {
  const last = tab.told('unread').at(-1)
  return last && [last.unread, last.mentions]
}
const notified = (tab: StageTab): string[] => tab.told('notify').map(({ message }) => message.body)
const markers = ({ upstream }: BrokerStage): XmlNode[] =>
  upstream.sent.flatMap(elementsOf).filter(({ ns, name }) => ns === NS_MARKERS && name === 'displayed')

describe('what nobody sees', () => {
  test('is told to every tab, and to one that attaches later', async () => {
    const { stage, t1, t2 } = await hidden(2)
    await say(stage, 'hark')
    await say(stage, 'Juliet!')

    const late = stage.attach('late')
    await stage.settle()

    for (const tab of [t1, t2, late]) expect(countsOf(tab)).toEqual([2, 1])
  })

  test('is stored with the message, and read in all tabs when one is looked at', async () => {
    const { stage, t1, t2 } = await hidden(2)
    await say(stage, 'hark')
    expect(await stage.store.unread(ROOM)).toMatchObject({ room: ROOM, count: 1, mentions: 0 })

    await t2.call('visible', { hidden: false })

    expect(countsOf(t1)).toEqual([0, 0])
    expect(await stage.store.unread(ROOM)).toMatchObject({ count: 0 })
  })

  test('is known to the next worker', async () => {
    const store = memoryStore()
    const { stage } = await hidden(1, { store })
    await say(stage, 'hark')

    const next = brokerStage({ store })
    const tab = next.attach('t1')
    await tab.signIn({ hidden: true })
    await tab.join()

    expect(countsOf(tab)).toEqual([1, 0])
  })

  test('is counted in a tab that was hidden when it signed in', async () => {
    const stage = brokerStage()
    const tab = stage.attach('t1')
    await tab.signIn({ hidden: true })
    await tab.join()

    await say(stage, 'hark')

    expect(countsOf(tab)).toEqual([1, 0])
  })

  test('is not read by a tab that shows another room', async () => {
    const stage = brokerStage()
    const tab = await stage.inRoom('t1', { shown: false })
    await say(stage, 'hark')
    expect(countsOf(tab)).toEqual([1, 0])

    await tab.call('showRoom', { room: ROOM, shown: true })

    expect(countsOf(tab)).toEqual([0, 0])
  })

  test('is read up to the message that an app marks', async () => {
    const { stage, t1, t2 } = await hidden(2)
    const ids = [await say(stage, 'one'), await say(stage, 'two'), await say(stage, 'Juliet, three')]

    expect(await t1.call('markDisplayed', { room: ROOM, id: ids[1] ?? '' })).toMatchObject({ ok: true, value: null })

    expect(countsOf(t2)).toEqual([1, 1])
    expect(await t1.call('markDisplayed', { room: ROOM, id: 'none' })).toMatchObject({
      ok: false,
      error: { code: 'stanza-error', condition: 'item-not-found' },
    })
    expect(await t1.call('markDisplayed', { room: 'other@rooms.example', id: 'none' })).toMatchObject({
      ok: false,
      error: { code: 'not-joined' },
    })
  })
})

describe('a notification', () => {
  test('is told to the tab that the person was at last, and to no other', async () => {
    const { stage, tabs } = await hidden(3)
    const [t1, t2, t3] = tabs as [StageTab, StageTab, StageTab]
    await t2.call('activity', { activity: 'active' })

    await say(stage, 'Juliet!')

    expect([t1, t2, t3].map(notified)).toEqual([[], ['Juliet!'], []])
  })

  test.each<[string, (tab: StageTab) => Promise<unknown>]>([
    ['looks at', (tab) => tab.call('visible', { hidden: false }).then(() => tab.call('visible', { hidden: true }))],
    ['sends in', (tab) => tab.send('from here')],
  ])('is told to the tab that the person %s', async (_what, use) => {
    const { stage, t1, t2 } = await hidden(2)
    await use(t2)
    await use(t1)

    await say(stage, 'Juliet!')

    expect([notified(t1), notified(t2)]).toEqual([['Juliet!'], []])
  })

  test('is told to another where that one is gone, and to nobody where none is left', async () => {
    const { stage, t1, t2 } = await hidden(2)
    t2.attached.detach()
    await stage.settle()
    await say(stage, 'Juliet!')
    expect([notified(t1), notified(t2)]).toEqual([['Juliet!'], []])

    t1.attached.detach()
    await stage.settle()
    await say(stage, 'Juliet?')

    expect([notified(t1), notified(t2)]).toEqual([['Juliet!'], []])
  })

  test('comes behind the message', async () => {
    const { stage, t1 } = await hidden(1)
    stage.room.whisper('romeo', 'psst')
    await stage.settle()

    const told = t1.events.filter(({ kind }) => kind === 'notify' || kind === 'private-message')
    expect(told).toMatchObject([
      { kind: 'private-message', message: { body: 'psst' } },
      { kind: 'notify', reason: 'private', message: { body: 'psst' } },
    ])
  })
})

describe('other devices', () => {
  test.each(['native', 'ejabberd-23.01'] as const)(
    'of an account on %s are told what was read, once for a run of messages, a moment later',
    async (bookmarks) => {
      const stage = brokerStage({ bookmarks })
      await stage.inRoom('t1')
      await say(stage, 'one')
      const id = await say(stage, 'two')
      expect(stage.pep.published).toEqual([])

      await pass(stage, 1_000)

      expect(stage.pep.displayed.get(ROOM)).toBe(id)
      expect(stage.pep.published).toEqual([id])
    },
  )

  test('are not told of what nobody has seen, nor of what they know', async () => {
    const { stage, t1 } = await hidden(1)
    const id = await say(stage, 'one')
    await pass(stage, 5_000)
    expect(stage.pep.published).toEqual([])

    stage.pep.display(ROOM, id)
    await t1.call('visible', { hidden: false })
    await pass(stage, 5_000)

    expect(stage.pep.published).toEqual([])
  })

  test('read in all tabs what they have displayed, and an older message changes nothing', async () => {
    const { stage, t1, t2 } = await hidden(2)
    const ids = [await say(stage, 'one'), await say(stage, 'two'), await say(stage, 'three')]

    stage.pep.display(ROOM, ids[1] ?? '')
    await stage.settle()
    expect([countsOf(t1), countsOf(t2)]).toEqual([
      [1, 0],
      [1, 0],
    ])
    stage.pep.display(ROOM, ids[0] ?? '')
    await stage.settle()
    await pass(stage, 5_000)

    expect(countsOf(t1)).toEqual([1, 0])
    expect(stage.pep.published).toEqual([])
  })

  test('are believed only where the account itself tells of them', async () => {
    const { stage, t1 } = await hidden(1)
    const id = await say(stage, 'one')
    const forged = (from: string): string =>
      `<message from='${from}'><event xmlns='http://jabber.org/protocol/pubsub#event'><items node='${NS_MDS}'><item id='${ROOM}'><displayed xmlns='${NS_MDS}'><stanza-id xmlns='urn:xmpp:sid:0' by='${ROOM}' id='${id}'/></displayed></item></items></event></message>`
    for (const from of ['romeo@montague.example', `${ROOM}/romeo`, ROOM]) {
      stage.upstream.stream.deliver(forged(from))
      await stage.settle()
    }
    expect(countsOf(t1)).toEqual([1, 0])

    stage.upstream.stream.deliver(forged(ACCOUNT))
    await stage.settle()

    expect(countsOf(t1)).toEqual([0, 0])
  })

  test('may have displayed a message that comes only now', async () => {
    const { stage, t1 } = await hidden(1)
    await say(stage, 'one')
    stage.pep.display(ROOM, 'later')
    await stage.settle()
    expect(countsOf(t1)).toEqual([1, 0])

    stage.room.tell(said('romeo', 'two', { id: 'i', archiveId: 'later' }))
    await stage.settle()

    expect(countsOf(t1)).toEqual([0, 0])
  })

  test('have read meanwhile, which the next sign-in finds out', async () => {
    const store = memoryStore()
    const { stage } = await hidden(1, { store })
    const ids = [await say(stage, 'one'), await say(stage, 'two')]

    const next = brokerStage({ store })
    next.pep.display(ROOM, ids[0] ?? '')
    const tab = next.attach('t1')
    await tab.signIn({ hidden: true })
    await tab.join()

    expect(countsOf(tab)).toEqual([1, 0])
  })

  test('are told in the next session what could not be said in this one', async () => {
    const stage = brokerStage()
    await stage.inRoom('t1')
    const id = await say(stage, 'one')
    stage.upstream.stream.end('closed')
    await pass(stage, 1_000)
    expect(stage.pep.published).toEqual([])

    await pass(stage, 1_000)
    await pass(stage, 1_000)

    expect(stage.pep.published).toEqual([id])
  })

  test('are told nothing where the server has no place for it', async () => {
    const stage = brokerStage({ bookmarks: 'none' })
    await stage.inRoom('t1')
    await say(stage, 'one')
    const before = stage.upstream.sent.length

    await pass(stage, 5_000)

    expect(stage.upstream.sent.slice(before)).toEqual([])
  })
})

describe('a sender who wants to know', () => {
  const markable = async (stage: BrokerStage, id: string): Promise<void> => {
    const words = said('romeo', `see ${id}`, { id, archiveId: id })
    stage.room.tell(words.replace('</message>', `<markable xmlns='${NS_MARKERS}'/></message>`))
    await stage.settle()
    await pass(stage, 1_500)
  }

  test('is told that the message is seen, once for all tabs', async () => {
    const stage = brokerStage()
    await stage.inRoom('t1')
    await stage.inRoom('t2')

    await markable(stage, 'a-1')

    expect(markers(stage).map(({ attrs }) => attrs['id'])).toEqual(['a-1'])
  })

  test('is told nothing before somebody has seen it', async () => {
    const { stage, t1 } = await hidden(1)
    await markable(stage, 'a-1')
    expect(markers(stage)).toEqual([])

    await t1.call('visible', { hidden: false })
    await pass(stage, 1_500)

    expect(markers(stage)).toHaveLength(1)
  })

  test('is told nothing of what does not ask', async () => {
    const stage = brokerStage()
    await stage.inRoom('t1')
    await say(stage, 'one')
    await pass(stage, 1_500)

    expect(markers(stage)).toEqual([])
    expect(stage.upstream.sent.filter((node) => childText(node, 'jabber:client', 'body')).length).toBe(0)
  })
})
