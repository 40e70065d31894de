import { describe, expect, test } from 'vitest'
import { readAmendment } from '../../src/protocol/amendment.ts'
import { isEmoji } from '../../src/protocol/emoji.ts'
import { moderationRequest, readFate } from '../../src/protocol/xep-0425-moderate.ts'
import { readReactions } from '../../src/protocol/xep-0444-reactions.ts'
import { fromRooms, readTrace, type Server, trace, traceNames } from '../support/fakes/traces.ts'
import { stanza, xml } from '../support/fakes/xml.ts'

const told = (inside: string) => stanza(`<message type='groupchat'>${inside}</message>`)
const reactions = (...texts: readonly string[]) =>
  told(
    `<reactions xmlns='urn:xmpp:reactions:0' id='a1'>${texts.map((each) => `<reaction>${each}</reaction>`).join('')}</reactions>`,
  )

describe('emojis', () => {
  test.each([['👍'], ['❤️'], ['👩🏽‍❤️‍💋‍👨🏿'], ['🏴󠁧󠁢󠁥󠁮󠁧󠁿'], ['🇩🇪'], ['1️⃣'], ['🎉🎉']])('%s is one', (text) => {
    expect(isEmoji(text)).toBe(true)
  })

  test.each([['a'], ['7'], [''], ['👍 '], ['#'], ['<b>'], ['👍a'], ['👍'.repeat(30)], ['‍']])('%j is none', (text) => {
    expect(isEmoji(text)).toBe(false)
  })
})

describe('reactions', () => {
  test('are each emoji once, without what is none', () => {
    expect(readReactions(reactions('👍', 'no', ' 🎉 ', '👍'))).toEqual({ id: 'a1', emojis: ['👍', '🎉'] })
  })

  test('of one person are twenty at most', () => {
    const many = Array.from({ length: 30 }, (_, n) => String.fromCodePoint(0x1f400 + n))

    expect(readReactions(reactions(...many))?.emojis).toEqual(many.slice(0, 20))
  })

  test('of nobody, and to nothing, are none', () => {
    expect(readAmendment(reactions('👍'), false)).toEqual({ kind: 'reaction', target: 'a1', emojis: ['👍'] })
    expect(readAmendment(reactions('👍'), true)).toBeUndefined()
    expect(readReactions(told("<reactions xmlns='urn:xmpp:reactions:0'/>"))).toBeUndefined()
  })
})

/** The moderations that a room of that server told, as the account of that name got them. */
const moderations = (server: Server) =>
  fromRooms(trace(server, '63'), 'bob/one').flatMap((node) => readAmendment(node, true) ?? [])

describe('a moderation', () => {
  test.each(['prosody', 'prosody13', 'ejabberd24'] as const)('of %s names the message that it takes away', (server) => {
    const asked = trace(server, '63').flatMap(({ direction, xml: text }) =>
      direction === 'to server' ? (/(?:apply-to|moderate)[^>]* id="([^"]+)"/.exec(text)?.[1] ?? []) : [],
    )

    expect(moderations(server).length).toBeGreaterThan(0)
    for (const each of moderations(server)) expect(each).toEqual({ kind: 'moderation', target: asked[0] })
  })

  test.each([
    ['urn:xmpp:message-moderate:0', 'prosody', '<apply-to '],
    ['urn:xmpp:message-moderate:1', 'prosody13', '<moderate id'],
    ['urn:xmpp:message-moderate:1', 'ejabberd24', '<moderate id'],
  ] as const)('by %s is asked for as it was of %s', (feature, server, begin) => {
    const asked = readTrace(server, traceNames(server).find((each) => each.startsWith('63')) ?? '')
      .filter(({ direction, xml: text }) => direction === 'to server' && text.includes(begin))
      .map(({ xml: text }) => xml(text))
      .find((node) => node.name === 'iq')
    const [inner] = asked?.children ?? []
    const target = typeof inner === 'object' ? (inner.attrs['id'] ?? '') : ''
    const { to = '', id = '' } = asked?.attrs ?? {}

    expect(moderationRequest(to, id, { id: target, reason: 'rude' }, new Set([feature]))).toEqual(asked)
  })

  test('is asked for by the newer words where there are two, and not where there are none', () => {
    const both = new Set(['urn:xmpp:message-moderate:0', 'urn:xmpp:message-moderate:1'])
    const ask = (features: ReadonlySet<string> | undefined) =>
      moderationRequest('r@m', 'q1', { id: 'a1', reason: undefined }, features)

    expect(ask(both)?.children).toMatchObject([{ name: 'moderate', ns: 'urn:xmpp:message-moderate:1', children: [{}] }])
    expect([ask(new Set()), ask(undefined)]).toEqual([undefined, undefined])
  })
})

test.each([
  ["<retracted xmlns='urn:xmpp:message-retract:1' stamp='2030-01-01T00:00:00Z'/>", 'retracted'],
  [
    "<retracted xmlns='urn:xmpp:message-retract:1'><moderated xmlns='urn:xmpp:message-moderate:1'/></retracted>",
    'moderated',
  ],
  [
    "<moderated xmlns='urn:xmpp:message-moderate:0' by='r@m/x'><retracted xmlns='urn:xmpp:message-retract:0'/></moderated>",
    'moderated',
  ],
  ["<moderated xmlns='urn:xmpp:message-moderate:0' by='r@m/x'/>", undefined],
  ["<retract xmlns='urn:xmpp:message-retract:1' id='a1'/>", undefined],
])('what an archive has in place of a message, %s, is %s', (inside, fate) => {
  expect(readFate(told(inside))).toBe(fate)
})
