import { describe, expect, test } from 'vitest'
import { BookmarkNode } from '../../src/broker/bookmark-node.ts'
import type { Bookmark } from '../../src/protocol/xep-0402-bookmarks.ts'
import type { XmlNode } from '../../src/protocol/xml.ts'
import { type BookmarkService, conference, fakePep } from '../support/fakes/fake-pep.ts'
import type { FakeStream } from '../support/fakes/fake-upstream.ts'
import { ACCOUNT } from '../support/fakes/room-xml.ts'
import { stanza } from '../support/fakes/xml.ts'

const GARDEN = 'garden@rooms.example'
const HALL = 'hall@rooms.example'
const bookmark = (room: string, facts: Partial<Bookmark> = {}): Bookmark => ({ room, autojoin: true, ...facts })

/** The node before a server of that kind; `deaf` is one that never answers. */
function stage(service: BookmarkService) {
  const pep = fakePep(ACCOUNT, service)
  const world = { deaf: false }
  let ids = 0
  const ask = (request: XmlNode): Promise<XmlNode | undefined> =>
    new Promise((resolve) => {
      const deliver = (xml: string): void => {
        const node = stanza(xml)
        // The server tells of the change on the same stream; here only the answer counts.
        if (node.name === 'iq') resolve(node)
      }
      if (world.deaf) resolve(undefined)
      else pep.onSent(request, { deliver } as FakeStream)
    })
  return { pep, world, ask, node: new BookmarkNode(ask, () => `id-${++ids}`) }
}

const roomsOf = async (node: BookmarkNode): Promise<string[] | undefined> =>
  (await node.read())?.map(({ room }) => room)

describe('reading', () => {
  test('gives what other devices have set', async () => {
    const { pep, node } = stage('native')
    await node.set(bookmark(HALL, { autojoin: false }))
    pep.set(GARDEN, conference("autojoin='1' name='Garden'", '<nick>juliet</nick>'))

    expect(await node.read()).toEqual([
      { room: HALL, autojoin: false },
      { room: GARDEN, name: 'Garden', nick: 'juliet', autojoin: true },
    ])
  })

  test('of a node that nobody has made yet gives none', async () => {
    expect(await stage('native').node.read()).toEqual([])
  })

  test.each<[string, BookmarkService]>([
    ['has nowhere to keep them', 'none'],
    ['is broken', 'broken'],
  ])('from a server that %s is not the same as none', async (_what, service) => {
    expect(await stage(service).node.read()).toBeUndefined()
  })

  test('without an answer is not the same as none', async () => {
    const { world, node } = stage('native')
    world.deaf = true

    expect(await node.read()).toBeUndefined()
  })
})

describe('writing', () => {
  test.each<BookmarkService>(['native', 'ejabberd-23.01', 'private'])(
    'on a server of the kind %s keeps several, changes one and takes one away',
    async (service) => {
      const { node } = stage(service)
      await node.read()

      const outcomes = [
        await node.set(bookmark(GARDEN)),
        await node.set(bookmark(HALL)),
        await node.set(bookmark(GARDEN, { nick: 'juliet' })),
        await node.remove(HALL),
      ]

      expect(outcomes).toEqual([undefined, undefined, undefined, undefined])
      expect(await node.read()).toEqual([{ room: GARDEN, nick: 'juliet', autojoin: true }])
    },
  )

  test('on an ejabberd that knows no options prepares the node once: it would keep one item only', async () => {
    const { pep, node } = stage('ejabberd-23.01')

    await node.set(bookmark(GARDEN))
    await node.set(bookmark(HALL))

    expect(pep.changes).toEqual(['create', 'configure max', 'configure 1000', `publish ${GARDEN}`, `publish ${HALL}`])
    expect(await roomsOf(node)).toEqual([GARDEN, HALL])
  })

  test('takes away what is not there: that is done already', async () => {
    const { node } = stage('native')
    await node.set(bookmark(GARDEN))

    expect(await node.remove(HALL)).toBeUndefined()
  })

  test.each<[BookmarkService, object]>([
    ['none', { condition: 'service-unavailable' }],
    ['broken', { condition: 'internal-server-error' }],
  ])('on a server of the kind %s says what went wrong', async (service, error) => {
    const { node } = stage(service)

    expect(await node.set(bookmark(GARDEN))).toMatchObject(error)
    expect(await node.remove(GARDEN)).toMatchObject(error)
  })

  test.each<BookmarkService>(['native', 'private'])('without an answer of %s says so', async (service) => {
    const { world, node } = stage(service)
    await node.read()
    world.deaf = true

    expect([await node.set(bookmark(GARDEN)), await node.remove(GARDEN)]).toEqual(['no-answer', 'no-answer'])
  })
})

test('the storage of old is read again before each write: what another client wrote meanwhile stays', async () => {
  const { ask, node } = stage('private')
  await node.read()
  expect(node.legacy).toBe(true)

  await ask(
    stanza(
      `<iq type='set' id='x'><query xmlns='jabber:iq:private'><storage xmlns='storage:bookmarks'><url name='XSF'/><conference jid='${HALL}' autojoin='1'/></storage></query></iq>`,
    ),
  )
  await node.set(bookmark(GARDEN))

  expect(await roomsOf(node)).toEqual([HALL, GARDEN])
  const stored = await ask(
    stanza("<iq type='get' id='y'><query xmlns='jabber:iq:private'><storage xmlns='storage:bookmarks'/></query></iq>"),
  )
  expect(JSON.stringify(stored)).toContain('"name":"XSF"')
})

test('a server that has learnt XEP-0402 meanwhile is asked by that', async () => {
  const { pep, node } = stage('private')
  await node.read()
  pep.service = 'native'

  await node.read()

  expect(node.legacy).toBe(false)
})
