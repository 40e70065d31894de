import { describe, expect, test } from 'vitest'
import { readStanzaError } from '../../src/protocol/stanza-error.ts'
import {
  configureNode,
  createNode,
  fetchItems,
  publishItem,
  readItems,
  retractItem,
} from '../../src/protocol/xep-0163-pep.ts'
import {
  type Bookmark,
  conferenceEl,
  fetchLegacyBookmarks,
  isLegacyBookmarkEvent,
  NS_BOOKMARKS,
  readBookmarkEvent,
  readBookmarkItem,
  readLegacyBookmarks,
  storeLegacyBookmarks,
} from '../../src/protocol/xep-0402-bookmarks.ts'
import { child, type XmlNode } from '../../src/protocol/xml.ts'
import { SERVERS, type Server, trace } from '../support/fakes/traces.ts'
import { stanza, xml } from '../support/fakes/xml.ts'

const PUBSUB = "<pubsub xmlns='http://jabber.org/protocol/pubsub'>"
const NODE = "node='urn:xmpp:bookmarks:1'"
const conference = (attributes: string, inside = ''): string =>
  `<conference xmlns='urn:xmpp:bookmarks:1' ${attributes}>${inside}</conference>`
const items = (inside: string) =>
  stanza(`<iq type='result' id='1'>${PUBSUB}<items ${NODE}>${inside}</items></pubsub></iq>`)
const event = (inside: string) =>
  stanza(`<message from='a@b'><event xmlns='http://jabber.org/protocol/pubsub#event'>${inside}</event></message>`)

const readBookmarks = (result: XmlNode): Bookmark[] | undefined =>
  readItems(result, NS_BOOKMARKS)?.flatMap(readBookmarkItem)
const publishBookmark = (id: string, bookmark: Bookmark, lean: boolean): XmlNode =>
  publishItem(id, NS_BOOKMARKS, bookmark.room, conferenceEl(bookmark), lean)

describe('the items of the node', () => {
  test('gives each room with what is kept of it', () => {
    const extensions = "<extensions><state xmlns='urn:client' muted='1'/></extensions>"
    const result = items(
      `<item id='r@m'>${conference("name='A room' autojoin='true'", `<nick>al</nick><password>key</password>${extensions}`)}</item>` +
        `<item id='s@m'>${conference('')}</item>`,
    )

    expect(readBookmarks(result)).toEqual([
      {
        room: 'r@m',
        name: 'A room',
        nick: 'al',
        password: 'key',
        autojoin: true,
        extensions: xml("<extensions xmlns='urn:xmpp:bookmarks:1'><state xmlns='urn:client' muted='1'/></extensions>"),
      },
      { room: 's@m', autojoin: false },
    ])
  })

  test.each([
    ['true', true],
    ['1', true],
    ['false', false],
    ['0', false],
    ['yes', false],
    ['', false],
  ])('takes autojoin %j for %s', (autojoin, expected) => {
    const [bookmark] = readBookmarks(items(`<item id='r@m'>${conference(`autojoin='${autojoin}'`)}</item>`)) ?? []

    expect(bookmark?.autojoin).toBe(expected)
  })

  test('is empty where there are none', () => {
    expect(readBookmarks(items(''))).toEqual([])
  })

  test('leaves out what is no bookmark', () => {
    const inside = `<item id='r@m'/><item>${conference('')}</item><item id='s@m'><conference xmlns='urn:other'/></item>`

    expect(readBookmarks(items(inside))).toEqual([])
  })

  test.each([
    ["<iq type='result' id='1'/>"],
    [
      "<iq type='error' id='1'><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
    ],
    [`<iq type='result' id='1'>${PUBSUB}<items node='other'/></pubsub></iq>`],
  ])('is nothing, which is not none, for %s', (text) => {
    expect(readBookmarks(stanza(text))).toBeUndefined()
  })

  test.each(SERVERS)('reads what %s gives', (server) => {
    const results = trace(server, '34')
      .filter(({ direction }) => direction === 'to client')
      .flatMap((frame) => readBookmarks(xml(frame.xml)) ?? [])

    expect(results).toEqual(
      expect.arrayContaining([
        { room: 'room1@muc.localhost', name: 'Room one', nick: 'alice', autojoin: true },
        { room: 'room2@muc.localhost', name: 'Room two', nick: 'al', autojoin: false },
      ]),
    )
  })
})

describe('readBookmarkEvent', () => {
  test('gives what was set', () => {
    const inside = `<items ${NODE}><item id='r@m'>${conference("autojoin='1'")}</item></items>`

    expect(readBookmarkEvent(event(inside))).toEqual([{ set: { room: 'r@m', autojoin: true } }])
  })

  test('gives what was taken away', () => {
    expect(readBookmarkEvent(event(`<items ${NODE}><retract id='r@m'/></items>`))).toEqual([{ removed: 'r@m' }])
  })

  test.each(['purge', 'delete'])('gives that everything is gone by %s', (name) => {
    expect(readBookmarkEvent(event(`<${name} ${NODE}/>`))).toEqual([{ purged: true }])
  })

  test.each([
    ['another node', "<items node='storage:bookmarks'><item id='current'/></items>"],
    ['a purge of another node', "<purge node='storage:bookmarks'/>"],
    ['a retract of nothing', `<items ${NODE}><retract/></items>`],
    ['nothing', ''],
  ])('gives nothing for %s', (_what, inside) => {
    expect(readBookmarkEvent(event(inside))).toEqual([])
  })

  test('gives nothing for a message that is no notification', () => {
    expect(readBookmarkEvent(stanza('<message><body>hi</body></message>'))).toEqual([])
  })
})

describe('what servers tell other clients of the account', () => {
  const received = (server: Server, who = 'alice/two') =>
    trace(server, '34')
      .filter((frame) => frame.direction === 'to client' && frame.who === who)
      .map((frame) => xml(frame.xml))
  const changes = (server: Server): string[] =>
    received(server)
      .flatMap(readBookmarkEvent)
      .map((change) => {
        if ('set' in change) return `set ${change.set.room} as ${change.set.nick}, ${change.set.autojoin}`
        return 'removed' in change ? `removed ${change.removed}` : 'purged'
      })
  const one = 'set room1@muc.localhost as alice, true'
  const two = 'set room2@muc.localhost as al, false'

  test.each(['prosody', 'prosody13'] as const)('on %s is each change, also those by the storage of old', (server) => {
    expect(changes(server)).toEqual([
      one,
      two,
      'removed room1@muc.localhost',
      'set room3@muc.localhost as al, true',
      'removed room2@muc.localhost',
    ])
    expect(received(server).some(isLegacyBookmarkEvent)).toBe(false)
  })

  test('on ejabberd 23.01 is each change twice, but not what is taken away', () => {
    expect(changes('ejabberd')).toEqual([one, one, two, two])
  })

  test('on ejabberd 23.01 is that somebody wrote the bookmarks of old, which are others', () => {
    expect(received('ejabberd').filter(isLegacyBookmarkEvent)).toHaveLength(1)
    expect(received('ejabberd', 'alice/one').filter(isLegacyBookmarkEvent)).toHaveLength(1)
  })

  test.each(['prosody', 'ejabberd'] as const)('on %s: who asks gets the bookmarks of old, too', (server) => {
    const stored = received(server, 'alice/one').flatMap((node) => readLegacyBookmarks(node) ?? [])

    expect(stored).toHaveLength(1)
    expect(stored[0]?.bookmarks.map(({ room }) => room)).toEqual(server === 'prosody' ? ['room2@muc.localhost'] : [])
  })

  test.each([
    ['a message that is no notification', '<message><body>hi</body></message>', false],
    [
      'a notification of another node',
      "<message><event xmlns='http://jabber.org/protocol/pubsub#event'><items node='urn:xmpp:bookmarks:1'/></event></message>",
      false,
    ],
    [
      'one of theirs',
      "<message><event xmlns='http://jabber.org/protocol/pubsub#event'><items node='storage:bookmarks'/></event></message>",
      true,
    ],
  ])('%s is a word of the bookmarks of old: %s', (_what, text, expected) => {
    expect(isLegacyBookmarkEvent(stanza(text))).toBe(expected)
  })

  test('on ejabberd 23.01 to who publishes with all options is resource-constraint; without two of them it goes', () => {
    const sent = trace('ejabberd', '34').map((frame) => [frame.direction, xml(frame.xml)] as const)
    const answerTo = (id: string | undefined) =>
      sent.find(([direction, node]) => direction === 'to client' && node.name === 'iq' && node.attrs['id'] === id)?.[1]
    const publications = sent
      .filter(([direction, node]) => direction === 'to server' && JSON.stringify(node).includes('publish-options'))
      .map(([, node]) => node)
    const options = publications.map((node) => /max_items|send_last/.test(JSON.stringify(node)))

    const answers = publications.map((node) => answerTo(node.attrs['id']))

    expect(answers.map((answer) => answer?.attrs['type'] === 'error')).toEqual(options)
    expect(answers[0] && readStanzaError(answers[0]).condition).toBe('resource-constraint')
  })
})

describe('requests', () => {
  test('ask for the bookmarks, of now and of old', () => {
    expect(fetchItems('1', NS_BOOKMARKS)).toEqual(
      stanza(`<iq type='get' id='1'>${PUBSUB}<items ${NODE}/></pubsub></iq>`),
    )
    expect(fetchLegacyBookmarks('1')).toEqual(
      stanza(
        "<iq type='get' id='1'><query xmlns='jabber:iq:private'><storage xmlns='storage:bookmarks'/></query></iq>",
      ),
    )
  })

  test('take a bookmark away, and have others told', () => {
    expect(retractItem('1', NS_BOOKMARKS, 'r@m')).toEqual(
      stanza(`<iq type='set' id='1'>${PUBSUB}<retract ${NODE} notify='true'><item id='r@m'/></retract></pubsub></iq>`),
    )
  })

  test('make the node', () => {
    expect(createNode('1', NS_BOOKMARKS)).toEqual(
      stanza(`<iq type='set' id='1'>${PUBSUB}<create ${NODE}/></pubsub></iq>`),
    )
  })

  const values = (node: unknown): string => JSON.stringify(node)

  test('publish for the account alone, all items kept, and what others keep there stays', () => {
    const extensions = xml("<extensions xmlns='urn:xmpp:bookmarks:1'><state xmlns='urn:client'/></extensions>")
    const request = publishBookmark('1', { room: 'r@m', nick: 'al', autojoin: true, extensions }, false)

    const pubsub = child(request, 'http://jabber.org/protocol/pubsub', 'pubsub')
    const publish = pubsub && child(pubsub, 'http://jabber.org/protocol/pubsub', 'publish')
    expect(publish).toEqual(
      xml(
        `<publish xmlns='http://jabber.org/protocol/pubsub' ${NODE}><item id='r@m'><conference xmlns='urn:xmpp:bookmarks:1' autojoin='true'><nick>al</nick><extensions><state xmlns='urn:client'/></extensions></conference></item></publish>`,
      ),
    )
    for (const option of ['persist_items', 'max_items', 'send_last_published_item', 'access_model', 'whitelist'])
      expect(values(request)).toContain(option)
  })

  test('publish without what an old ejabberd refuses', () => {
    const request = values(publishBookmark('1', { room: 'r@m', autojoin: false }, true))

    expect(request).not.toContain('max_items')
    expect(request).not.toContain('send_last_published_item')
    expect(request).toContain('whitelist')
  })

  test('configure the node, with as many items as the server knows a word for', () => {
    expect(values(configureNode('1', NS_BOOKMARKS, '1000'))).toContain('1000')
    expect(configureNode('1', NS_BOOKMARKS, 'max').children).toMatchObject([
      { ns: 'http://jabber.org/protocol/pubsub#owner', children: [{ name: 'configure' }] },
    ])
  })
})

describe('the bookmarks of old', () => {
  const STORAGE =
    "<storage xmlns='storage:bookmarks'><url url='https://a.example/' name='A page'/><conference jid='r@m' name='A room' autojoin='1'><nick>al</nick></conference><conference jid='s@m'/></storage>"
  const result = stanza(`<iq type='result' id='1'><query xmlns='jabber:iq:private'>${STORAGE}</query></iq>`)

  test('are read as those of now', () => {
    expect(readLegacyBookmarks(result)?.bookmarks).toEqual([
      { room: 'r@m', name: 'A room', nick: 'al', autojoin: true },
      { room: 's@m', autojoin: false },
    ])
  })

  test('are empty in an empty storage, and nothing in another answer', () => {
    const empty = stanza(
      "<iq type='result'><query xmlns='jabber:iq:private'><storage xmlns='storage:bookmarks'/></query></iq>",
    )

    expect(readLegacyBookmarks(empty)?.bookmarks).toEqual([])
    expect(readLegacyBookmarks(stanza("<iq type='error'/>"))).toBeUndefined()
  })

  test.each([
    ['put in place', { room: 'r@m', nick: 'other', autojoin: false }],
    ['added', { room: 't@m', autojoin: true }],
    ['taken away', undefined],
  ])('keep everything else when one is %s', (_what, bookmark) => {
    const before = readLegacyBookmarks(result)
    if (!before) throw new Error('no storage')

    const request = storeLegacyBookmarks('1', before.storage, bookmark?.room ?? 'r@m', bookmark)

    const after = readLegacyBookmarks({ ...request, attrs: { type: 'result' } })
    const others = before.bookmarks.filter(({ room }) => room !== (bookmark?.room ?? 'r@m'))
    expect(after?.bookmarks).toEqual(bookmark ? [...others, bookmark] : others)
    expect(JSON.stringify(after?.storage)).toContain('https://a.example/')
  })
})

test('what clients keep with a bookmark is found again in the storage of old', () => {
  const extensions = xml("<extensions xmlns='urn:xmpp:bookmarks:1'><state xmlns='urn:client'/></extensions>")
  const storage = xml("<storage xmlns='storage:bookmarks'/>")

  const request = storeLegacyBookmarks('1', storage, 'r@m', { room: 'r@m', autojoin: false, extensions })

  expect(readLegacyBookmarks(request)?.bookmarks[0]?.extensions?.children).toEqual(extensions.children)
})
