import { describe, expect, test } from 'vitest'
import { readFrame } from '../src/adapters/frame-reader.ts'
import { type RoomStanza, readRoomStanza } from '../src/protocol/room-stanza.ts'
import type { XmlNode } from '../src/protocol/xml.ts'
import { fromRooms, readTrace, roomOf, SERVERS, type Server, trace, traceNames } from './support/fakes/traces.ts'
import { type Element, parseFrame } from './support/ltx.ts'

const ALL = SERVERS.flatMap((server) => traceNames(server).map((name) => [server, name] as const))

const NS_STREAM = 'http://etherx.jabber.org/streams'

/** What ltx made of a frame, in the shape of ours. */
function treeOf(element: Element): XmlNode {
  const { xmlns: _ours, ...attrs } = element.attrs
  // Prosody 13 sends stream errors without declaring their prefix.
  const unsaid = element.name.startsWith('stream:') ? NS_STREAM : ''
  return {
    name: element.getName(),
    ns: element.getNS() ?? unsaid,
    attrs: attrs as Record<string, string>, // ltx gives `undefined` only to those who ask for what is not there
    children: element.children.map((each) => (typeof each === 'string' ? each : treeOf(each))),
  }
}

describe('the traces', () => {
  test('are there, of four servers', () => {
    expect(SERVERS.map((server) => traceNames(server).length).every((count) => count > 40)).toBe(true)
  })

  test.each(ALL)('of %s %s are read as ltx reads them', (server, name) => {
    for (const frame of readTrace(server, name)) {
      expect(readFrame(frame.xml), `line ${frame.line}`).toEqual(treeOf(parseFrame(frame.xml)))
    }
  })

  test.each(ALL)('of %s %s: what a room sends means something or nothing, and never throws', (server, name) => {
    for (const { direction, xml: text } of readTrace(server, name)) {
      const node = readFrame(text)
      const room = node && roomOf(node)
      if (direction === 'to client' && room) expect(() => readRoomStanza(node, room)).not.toThrow()
    }
  })
})

const delayed = (delayMs: number | undefined): string => (delayMs === undefined ? '' : ' delayed')

/** A meaning in a few words: + is there, - is not; affiliation/role; codes in their numerical order. */
function inWords(meaning: RoomStanza): string {
  switch (meaning.kind) {
    case 'presence': {
      const { available, nick, muc, show } = meaning
      const [item] = muc.items
      const words = [
        `${available ? '+' : '-'}${nick}`,
        item && `${item.affiliation}/${item.role}`,
        ...muc.codes.toSorted((a, b) => a - b),
        show === 'online' ? undefined : show,
        item?.nick && `to ${item.nick}`,
        muc.items.length > 1 ? `${muc.items.length} items` : undefined,
        muc.destroy && `destroyed ${muc.destroy.alternate}`,
      ]
      return words.filter((word) => word !== undefined).join(' ')
    }
    case 'message':
      return `${meaning.nick ?? 'room'}: ${meaning.body ?? '(no text)'}${delayed(meaning.delayMs)}`
    case 'subject':
      return `subject of ${meaning.nick ?? 'nobody'} "${meaning.text}"${delayed(meaning.delayMs)}`
    case 'private-message':
      return `${meaning.nick} to us: ${meaning.body}${delayed(meaning.delayMs)}`
    case 'notice': {
      const people = meaning.muc.items.map(({ jid, affiliation }) => `${jid} ${affiliation}`)
      return ['room says', ...meaning.muc.codes.toSorted((a, b) => a - b), ...people].join(' ')
    }
    case 'moderation':
      return `moderated ${meaning.archiveId}`
    case 'voice-request':
      return `voice for ${meaning.request.nick}`
    default:
      return `${meaning.kind} ${meaning.nick ?? 'room'} ${meaning.error.type} ${meaning.error.condition}`
  }
}

/**
 * Situation, client, server(s): what the stanzas of the room mean to that client, in their order. What means nothing is
 * left out here; the test behind this one says what that is.
 */
const MEANINGS = `
10 alice/one all        | +alice owner/moderator 110 201 | subject of nobody "" | room says 104
11 alice/one all        | +bob none/participant | bob: hello from bob
11 bob/one   prosody*   | +alice owner/moderator | +bob none/participant 110 | alice: history one delayed | subject of alice "The subject" delayed | bob: hello from bob
11 bob/one   ejabberd*  | +alice owner/moderator | +bob none/participant 110 | alice: history one delayed | subject of alice "The subject" | bob: hello from bob
12 alice/one all        | +bob none/participant | -bob none/none | +bob none/participant
12 bob/one   all        | +alice owner/moderator | +bob none/participant 110 | subject of nobody "" | -bob none/none 110 | +alice owner/moderator | +bob none/participant 110 | alice: h0 delayed | alice: h1 delayed | alice: h2 delayed | subject of nobody ""
13 alice/one all        | -bob none/none
13 bob/one   all        | -bob none/none 110
14 bob/one   prosody*   | message-error room cancel not-acceptable | message-error alice cancel not-acceptable
14 bob/one   ejabberd*  | message-error room modify not-acceptable | message-error alice modify not-acceptable
15 alice/one prosody    | bob to us: psst
15 alice/one prosody13  |
15 alice/one ejabberd*  | bob to us: psst
15 bob/one   all        |
16 alice/one prosody*   | subject of alice "New subject"
16 alice/one ejabberd*  | subject of alice "New subject" | subject of bob "Bob's"
16 bob/one   prosody*   | subject of nobody "" | subject of alice "New subject" | message-error room auth forbidden
16 bob/one   ejabberd*  | subject of nobody "" | subject of alice "New subject" | subject of bob "Bob's"
17 alice/one all        | -bob none/participant 303 to bobby | +bobby none/participant
17 bob/one   all        | -bob none/participant 110 303 to bobby | +bobby none/participant 110 | presence-error alice cancel conflict
18 bob/one   all        | presence-error alice cancel conflict
19 alice/one all        | +bob none/participant away | -bob none/none
19 bob/one   all        | +bob none/participant 110 away | -bob none/none 110
20 alice/one all        | +bob none/participant
20 bob/one   all        | presence-error bob auth not-authorized | presence-error bob auth not-authorized | +alice owner/moderator | +bob none/participant 110 | subject of nobody ""
21 alice/one all        | room says bob@localhost member | +bob member/participant | -bob none/none 321
21 bob/one   all        | presence-error bob auth registration-required | +alice owner/moderator | +bob member/participant 110 | subject of nobody "" | -bob none/none 110 321
22 alice/one prosody*   | room says 104
22 alice/one ejabberd*  | room says 104 | -bob none/none 322
22 bob/one   prosody*   | -bob none/none 110 322
22 bob/one   ejabberd*  | room says 104 | -bob none/none 110 322
23 alice/one prosody    | +carol none/participant | -bob none/none 307 | +bob none/participant
23 alice/one prosody13  | -bob none/none 307 | +bob none/participant
23 alice/one ejabberd*  | -bob none/none 307 | +bob none/participant
23 bob/one   prosody    | +carol none/participant | -bob none/none 110 307 | message-error room cancel not-acceptable | +alice owner/moderator | +carol none/participant | +bob none/participant 110 | subject of nobody ""
23 bob/one   prosody13  | -bob none/none 110 307 | message-error room cancel not-acceptable | +carol none/participant | +alice owner/moderator | +bob none/participant 110 | subject of nobody ""
23 bob/one   ejabberd*  | -bob none/none 110 307 | message-error room modify not-acceptable | +alice owner/moderator | +carol none/participant | +bob none/participant 110 | subject of nobody ""
23 carol/one all        | -bob none/none 307 | +bob none/participant
24 alice/one all        | -bob outcast/none 301
24 bob/one   all        | -bob outcast/none 110 301 | presence-error bob auth forbidden
25 alice/one prosody*   | -alice owner/none 110 destroyed other@muc.localhost
25 alice/one ejabberd*  | -alice none/none destroyed other@muc.localhost
25 bob/one   prosody*   | -bob none/none 110 destroyed other@muc.localhost | presence-error bob cancel gone
25 bob/one   ejabberd*  | -bob none/none destroyed other@muc.localhost | +bob owner/moderator 110 201 | subject of nobody ""
26 alice/one prosody*   | +bob none/participant | bob: thanks | +bob none/moderator | +bob member/moderator
26 alice/one ejabberd   | +bob none/participant | bob: thanks | +bob none/moderator | +bob member/participant
26 alice/one ejabberd24 | +bob none/visitor | +bob none/participant | bob: thanks | +bob none/moderator | +bob member/participant
26 bob/one   prosody*   | message-error room auth forbidden | +bob none/participant 110 | bob: thanks | +bob none/moderator 110 | +bob member/moderator 110
26 bob/one   ejabberd*  | message-error room auth forbidden | +bob none/participant 110 | bob: thanks | +bob none/moderator 110 | +bob member/participant 110
27 alice/one all        | room says 104 172
27 bob/one   all        | room says 104 172
40 alice/one prosody*   | +bob none/participant 2 items | bob: from two | alice: from alice | +bob none/participant 2 items | +bob none/participant away 2 items | -bob none/none
40 alice/one ejabberd*  | +bob none/participant | bob: from two | alice: from alice | +bob none/participant away | -bob none/none
40 bob/one   prosody*   | +bob none/participant 110 2 items | bob: from two | alice: from alice | +bob none/participant 110 2 items | -bob none/participant 110 2 items
40 bob/one   ejabberd*  | +bob none/participant | bob: from two | alice: from alice | +bob none/participant away | -bob none/none 110
40 bob/two   prosody*   | +alice owner/moderator | +bob none/participant 110 2 items | subject of nobody "" | bob: from two | alice: from alice | +bob none/participant 110 away 2 items | +bob none/participant 110 away 2 items | -bob none/none 110
40 bob/two   ejabberd*  | +alice owner/moderator | +bob none/participant 110 | subject of nobody "" | bob: from two | alice: from alice | +bob none/participant 110 away | -bob none/none 110
41 alice/one all        | +bob2 none/participant | -bob2 none/none 307
41 bob/one   all        | +bob2 none/participant | -bob2 none/none 307
41 bob/two   prosody    | +bob none/participant | +alice owner/moderator | +bob2 none/participant 110 | subject of nobody "" | -bob2 none/none 110 307
41 bob/two   prosody13  | +alice owner/moderator | +bob none/participant | +bob2 none/participant 110 | subject of nobody "" | -bob2 none/none 110 307
41 bob/two   ejabberd*  | +alice owner/moderator | +bob none/participant | +bob2 none/participant 110 | subject of nobody "" | -bob2 none/none 110 307
42 alice/one prosody    | +bob none/participant | +bobby none/participant | -bob none/none 307 | -bobby none/none 307
42 alice/one prosody13  | +bob none/participant 2 items | +bob none/participant | +bobby none/participant | -bob none/none 307 | -bobby none/none 307
42 alice/one ejabberd*  | +bobby none/participant | -bob none/none 307 | -bobby none/none 307
42 bob/one   prosody*   | -bob none/participant 110 303 to bobby | +bobby none/participant 110 | +bob none/participant | -bob none/none 307 | -bobby none/none 110 307
42 bob/one   ejabberd*  | +bobby none/participant 110 | -bob none/none 307 | -bobby none/none 110 307
42 bob/two   prosody*   | +bob none/participant 110 | +bobby none/participant | -bob none/none 110 307
42 bob/two   ejabberd*  | +bobby none/participant | -bob none/none 110 307
43 alice/one prosody*   | +bob none/participant | +bob none/participant
43 alice/one ejabberd*  | +bob none/participant | +bob none/participant | +carol none/participant
43 bob/one   prosody    | alice: hist | +alice owner/moderator | +bob none/participant 110 | alice: hist delayed | subject of nobody "" | +bob none/participant 110
43 bob/one   prosody13  | +alice owner/moderator | +bob none/participant 110 | alice: hist delayed | subject of nobody "" | +bob none/participant 110
43 bob/one   ejabberd*  | +alice owner/moderator | +bob none/participant 110 | alice: hist delayed | subject of nobody "" | +bob none/participant 110 | +carol none/participant
43 carol/one prosody*   | presence-error carol cancel item-not-found
43 carol/one ejabberd*  | +alice owner/moderator | +bob none/participant | +carol none/participant 110 | alice: hist delayed | subject of nobody ""
`

const GROUPS: Readonly<Record<string, readonly Server[]>> = {
  all: SERVERS,
  'prosody*': ['prosody', 'prosody13'],
  'ejabberd*': ['ejabberd', 'ejabberd24'],
}

const ROWS = MEANINGS.trim()
  .split('\n')
  .flatMap((line) => {
    const [head = '', ...meanings] = line.split('|').map((part) => part.trim())
    const [situation = '', who = '', group = ''] = head.split(/\s+/)
    const servers = GROUPS[group] ?? SERVERS.filter((server) => server === group)
    return servers.map((server) => [situation, server, who, meanings.filter((meaning) => meaning !== '')] as const)
  })

const meaningOf = (node: XmlNode): RoomStanza | undefined => readRoomStanza(node, roomOf(node) ?? '')

test.each(ROWS)(
  'situation %s on %s means to %s what the servers are known to say',
  (situation, server, who, expected) => {
    const meanings = fromRooms(trace(server, situation), who).flatMap((node) => {
      const meaning = meaningOf(node)
      return meaning ? [inWords(meaning)] : []
    })

    expect(meanings).toEqual(expected)
  },
)

const SITUATIONS = [...new Set(ROWS.map(([situation, server]) => `${situation} ${server}`))].map((both) =>
  both.split(' '),
)

test.each(SITUATIONS)('what means nothing in situation %s on %s nobody said to the whole room', (situation, server) => {
  // The table names every server of a situation, so this is one.
  const frames = trace(server as Server, situation ?? '')
  const nothing = [...new Set(frames.map(({ who }) => who))]
    .flatMap((who) => fromRooms(frames, who))
    .filter((node) => meaningOf(node) === undefined)

  for (const { name, attrs } of nothing) {
    const ofTheRoomItself = name === 'presence' && !attrs['from']?.includes('/')
    const toUsAlone = name === 'message' && attrs['type'] !== 'groupchat'
    expect(ofTheRoomItself || toUsAlone, `${name} ${attrs['type']} ${attrs['from']}`).toBe(true)
  }
})

describe('what every server does with messages', () => {
  const messages = SERVERS.flatMap((server) =>
    fromRooms(trace(server, '11'), 'bob/one').flatMap((node) => {
      const meaning = meaningOf(node)
      return meaning?.kind === 'message' ? [[server, meaning] as const] : []
    }),
  )

  test('each has the archive id of the room, and the id and origin id of its sender', () => {
    expect(messages).toHaveLength(2 * SERVERS.length)
    for (const [server, { archiveId, originId, stanzaId }] of messages) {
      expect(archiveId, server).toBeTruthy()
      expect(originId, server).toBe(stanzaId)
    }
  })

  test('only what comes from its history is delayed by the room', () => {
    for (const [, { body, delayMs }] of messages) {
      expect(delayMs !== undefined, body).toBe(body === 'history one')
    }
  })

  test('occupant ids are given by all but the oldest ejabberd', () => {
    for (const [server, { occupantId }] of messages)
      expect(occupantId !== undefined, server).toBe(server !== 'ejabberd')
  })
})

test('a stanza held back during a resumed session is not history, on any server', () => {
  for (const server of SERVERS) {
    const held = fromRooms(trace(server, '50'), 'bob/one')
      .filter((node) => JSON.stringify(node).includes('urn:xmpp:delay'))
      .map(meaningOf)

    expect(held, server).toMatchObject([{ kind: 'message', body: 'while bob was away', delayMs: undefined }])
  }
})
