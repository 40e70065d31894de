import { expect, test } from 'vitest'
import type { PendingAmendment, SharedMessage } from '../../src/contract/api.ts'
import { amended } from '../../src/rooms/amendments.ts'
import { reacted } from '../../src/rooms/reactions.ts'
import { sharedMessage } from '../support/fakes/shared-message.ts'
import { stanza } from '../support/fakes/xml.ts'

const reaction = (
  nick: string,
  emojis: readonly string[],
  words: Partial<PendingAmendment> = {},
): PendingAmendment => ({
  kind: 'reaction',
  target: 'a1',
  emojis,
  room: 'r@m',
  nick,
  since: 0,
  atMs: 5,
  body: '',
  stanza: stanza('<message/>'),
  ...words,
})
const after = (...all: readonly PendingAmendment[]): SharedMessage => all.reduce(reacted, sharedMessage(1))
const sum = ({ reactions }: SharedMessage) => reactions.map(({ emoji, nicks }) => `${emoji} ${nicks.join()}`)

test('somebody who has another nick by now, and the same identity, is one', () => {
  const one = after(
    reaction('romeo', ['👍'], { occupantId: 'o1' }),
    reaction('rose', ['🎉'], { occupantId: 'o1', atMs: 6 }),
  )

  expect(sum(one)).toEqual(['🎉 rose'])
})

test('two of one nick with two identities are two', () => {
  const two = after(reaction('romeo', ['👍'], { occupantId: 'o1' }), reaction('romeo', ['👍'], { occupantId: 'o2' }))

  expect(sum(two)).toEqual(['👍 romeo,romeo'])
})

test('what is older changes nothing, also where the newer one has taken all back', () => {
  expect(sum(after(reaction('romeo', ['👍'], { atMs: 9 }), reaction('romeo', ['🎉'])))).toEqual(['👍 romeo'])
  expect(sum(after(reaction('romeo', [], { atMs: 9 }), reaction('romeo', ['🎉'])))).toEqual([])
})

test('the same once more is the same message', () => {
  const message = after(reaction('romeo', ['👍']))

  expect(reacted(message, reaction('romeo', ['👍'], { atMs: 9 }))).toBe(message)
})

test('a thousand people have theirs, and those who had them can change them', () => {
  const all = Array.from({ length: 1001 }, (_, n) => reaction(`n${n}`, ['👍']))
  const message = after(...all)

  expect(message.reactions[0]?.nicks).toHaveLength(1000)
  expect(sum(reacted(message, reaction('n7', ['🎉'], { atMs: 6 })))[1]).toBe('🎉 n7')
})

test('a message has a hundred emojis at most, which all may use', () => {
  const many = Array.from({ length: 120 }, (_, n) => String.fromCodePoint(0x1f400 + n))
  const message = after(reaction('romeo', many), reaction('nurse', [many[0] ?? '', many[110] ?? '']))

  expect(message.reactions).toHaveLength(100)
  expect(message.reactions[0]?.nicks).toEqual(['romeo', 'nurse'])
})

test('a message that was taken away has none, and gets none', () => {
  const message = { ...after(reaction('romeo', ['👍'])), id: 'a1' }
  const gone = amended(message, reaction('', [], { kind: 'moderation' }))

  expect(gone).toMatchObject({ moderated: true, reactions: [] })
  expect(gone).not.toHaveProperty('reactors')
  expect(gone && amended(gone, reaction('romeo', ['👍']))).toBe(gone)
})
