import { describe, expect, test } from 'vitest'
import { ArchivePages, type PageAnswer } from '../../src/broker/archive-pages.ts'
import type { ArchiveWish } from '../../src/protocol/xep-0313-mam.ts'
import { child, type XmlNode } from '../../src/protocol/xml.ts'
import { ACCOUNT, ROOM, said } from '../support/fakes/room-xml.ts'
import { turns } from '../support/fakes/turn.ts'
import { errorXml, stanza } from '../support/fakes/xml.ts'

const NS = 'urn:xmpp:mam:2'
const STAMP = '2030-01-01T00:00:00Z'

interface Asked {
  readonly stanza: XmlNode
  readonly queryId: string
  readonly answer: (answer: XmlNode | undefined) => void
}

function stage() {
  const asked: Asked[] = []
  let ids = 0
  const pages = new ArchivePages({
    newId: () => `n${++ids}`,
    ownJid: () => ACCOUNT,
    request: (node, _ms, answer) => {
      asked.push({ stanza: node, queryId: child(node, NS, 'query')?.attrs['queryid'] ?? '', answer })
    },
  })
  const ask = async (wish: Partial<ArchiveWish> = {}, room = ROOM) => {
    const page = pages.page(room, { max: 3, ...wish })
    await turns()
    const last = asked.at(-1)
    if (!last) throw new Error('nothing was asked')
    return { page, queryId: last.queryId, answer: last.answer }
  }
  return { pages, asked, ask }
}

const result = (queryId: string, id: string, inside = said('romeo', id), from = ROOM): XmlNode =>
  stanza(
    `<message from='${from}'><result xmlns='${NS}' queryid='${queryId}' id='${id}'><forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='${STAMP}'/>${inside.replace(/^<message /, "<message xmlns='jabber:client' ")}</forwarded></result></message>`,
  )
const fin = (complete = ''): XmlNode => stanza(`<iq type='result'><fin xmlns='${NS}' ${complete}/></iq>`)
const ids = (page: PageAnswer): unknown =>
  page && page !== 'unknown' ? page.messages.map(({ archiveId }) => archiveId) : page

describe('a page', () => {
  test('has each message once, however often it comes', async () => {
    const { pages, ask } = stage()
    const { page, queryId, answer } = await ask()

    for (const id of ['a1', 'a1', 'a2', 'a1', 'a2']) pages.take(ROOM, result(queryId, id))
    answer(fin("complete='true'"))

    expect(ids(await page)).toEqual(['a1', 'a2'])
    expect(await page).toMatchObject({ complete: true })
  })

  test('is the messages that came before its answer, in their order, under their ids and times', async () => {
    const { pages, ask } = stage()
    const { page, queryId, answer } = await ask()

    expect(['a1', 'a2'].map((id) => pages.take(ROOM, result(queryId, id)))).toEqual([true, true])
    answer(fin("complete='true'"))

    expect(await page).toMatchObject({
      messages: [
        { archiveId: 'a1', nick: 'romeo', body: 'a1', delayMs: Date.parse(STAMP) },
        { archiveId: 'a2', body: 'a2' },
      ],
      edge: { id: 'a2', stampMs: Date.parse(STAMP) },
      complete: true,
    })
  })

  test('that is read backwards has its first message at its edge', async () => {
    const { pages, ask } = stage()
    const { page, queryId, answer } = await ask({ before: '' })
    for (const id of ['a1', 'a2']) pages.take(ROOM, result(queryId, id))
    answer(fin())

    expect(await page).toMatchObject({ edge: { id: 'a1' }, complete: false })
  })

  test('of nothing has no edge', async () => {
    const { ask } = stage()
    const { page, answer } = await ask()
    answer(fin("complete='true'"))

    expect(await page).toEqual({ messages: [], edge: undefined, complete: true })
  })

  test.each<[string, string]>([
    ['a subject', `<message from='${ROOM}/romeo' type='groupchat'><subject>Verona</subject></message>`],
    ['a message of somebody else', said('romeo', 'forged', { room: 'other@rooms.example' })],
    ['a room whose name only begins like ours', said('romeo', 'forged', { room: `${ROOM}x` })],
    ['a private message', `<message from='${ROOM}/romeo' type='chat'><body>psst</body></message>`],
    ['a message without a sender', "<message type='groupchat'><body>forged</body></message>"],
    ['an error', `<message from='${ROOM}' type='error'/>`],
  ])('leaves out %s, and goes on behind it', async (_what, inside) => {
    const { pages, ask } = stage()
    const { page, queryId, answer } = await ask()
    pages.take(ROOM, result(queryId, 'a1'))
    pages.take(ROOM, result(queryId, 'a2', inside))
    answer(fin())

    const given = await page
    expect(ids(given)).toEqual(['a1'])
    expect(given).toMatchObject({ edge: { id: 'a2' } })
  })

  test.each([
    ['forwards, keeps those behind what is known', {}, ['a1', 'a2', 'a3'], 'a3'],
    ['backwards, keeps those before what is known', { before: 'x' }, ['a3', 'a4', 'a5'], 'a3'],
  ])('with more than was asked for, %s, and is not the last', async (_what, wish, kept, edge) => {
    const { pages, ask } = stage()
    const { page, queryId, answer } = await ask(wish)
    for (const id of ['a1', 'a2', 'a3', 'a4', 'a5']) pages.take(ROOM, result(queryId, id))
    answer(fin("complete='true'"))

    const given = await page
    expect(ids(given)).toEqual(kept)
    expect(given).toMatchObject({ edge: { id: edge }, complete: false })
  })
})

describe('what only looks like a result', () => {
  test.each<[string, string | undefined, (queryId: string) => XmlNode]>([
    ['from another room', 'other@rooms.example', (q) => result(q, 'a1')],
    ['from an occupant', `${ROOM}/romeo`, (q) => result(q, 'a1')],
    ['from nobody named', undefined, (q) => result(q, 'a1')],
    ['for another query', ROOM, () => result('guessed', 'a1')],
    ['without an id', ROOM, (q) => result(q, '')],
    ['that is none', ROOM, () => stanza(said('romeo', 'hark'))],
  ])('%s is not taken', async (_what, from, make) => {
    const { pages, ask } = stage()
    const { page, queryId, answer } = await ask()

    expect(pages.take(from, make(queryId))).toBe(false)
    answer(fin())

    expect(ids(await page)).toEqual([])
  })

  test('after the answer is not taken', async () => {
    const { pages, ask } = stage()
    const { queryId, answer } = await ask()
    answer(fin())

    expect(pages.take(ROOM, result(queryId, 'a1'))).toBe(false)
  })

  test('and one for another room’s query: each room speaks for itself alone', async () => {
    const { pages, ask } = stage()
    const one = await ask()
    const other = await ask({}, 'other@rooms.example')

    expect(pages.take('other@rooms.example', result(one.queryId, 'a1'))).toBe(false)
    expect(pages.take(ROOM, result(other.queryId, 'a1'))).toBe(false)
  })
})

describe('an answer', () => {
  test.each<[string, XmlNode | undefined, PageAnswer]>([
    ['that does not come', undefined, undefined],
    ['item-not-found', stanza(`<iq type='error'>${errorXml('item-not-found')}</iq>`), 'unknown'],
    ['forbidden', stanza(`<iq type='error'>${errorXml('forbidden')}</iq>`), undefined],
    ['without an end', stanza("<iq type='result'/>"), undefined],
  ])('%s', async (_what, given, expected) => {
    const { ask } = stage()
    const { page, answer } = await ask()
    answer(given)

    expect(await page).toBe(expected)
  })
})

test('three pages are asked for at a time, the next one when one of them has come', async () => {
  const { pages, asked } = stage()
  const all = Array.from({ length: 5 }, (_, i) => pages.page(`r${i}@m`, { max: 1 }))
  await turns()
  expect(asked).toHaveLength(3)

  asked[1]?.answer(undefined)
  await turns()
  expect(asked).toHaveLength(4)
  for (const { answer } of asked) answer(fin())
  await turns()
  asked[4]?.answer(fin())

  expect((await Promise.all(all)).map((page) => typeof page)).toEqual([
    'object',
    'undefined',
    'object',
    'object',
    'object',
  ])
})
