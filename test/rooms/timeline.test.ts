import { describe, expect, test } from 'vitest'
import type { SharedMessage } from '../../src/contract/api.ts'
import { type RoomMessage, readRoomStanza } from '../../src/protocol/room-stanza.ts'
import { BEGINNING, type Gap } from '../../src/rooms/gaps.ts'
import {
  emptyTimeline,
  GAP,
  isArchived,
  messageId,
  messageKey,
  openGapBefore,
  place,
  tailFrom,
  timelineOf,
} from '../../src/rooms/timeline.ts'
import { type MessageWords, ROOM, said } from '../support/fakes/room-xml.ts'
import { sharedMessage } from '../support/fakes/shared-message.ts'
import { stanza } from '../support/fakes/xml.ts'

function message(nick: string | undefined, body: string | undefined, words: MessageWords = {}): RoomMessage {
  const read = readRoomStanza(stanza(said(nick, body, words)), ROOM)
  if (read?.kind !== 'message') throw new Error('not a message')
  return read
}

function stored(read: RoomMessage, order: number, fresh = 'fresh'): SharedMessage {
  const { nick = '', body = '', stanza: node } = read
  return sharedMessage(order, {
    id: messageId(read, () => fresh),
    nick,
    body,
    stanza: node,
    archived: isArchived(read),
  })
}

/** As far as this place nothing is known. */
const upTo = (to: number): Gap => ({ from: BEGINNING, to, after: undefined, before: undefined })

describe('messageKey', () => {
  test('is the archive id, whatever else differs', () => {
    expect(messageKey(message('a', 'x', { archiveId: '1', id: 'i' }))).toBe(
      messageKey(message('b', 'y', { archiveId: '1', id: 'j' })),
    )
  })

  test('differs for two archive ids of the same text', () => {
    expect(messageKey(message('a', 'x', { archiveId: '1' }))).not.toBe(
      messageKey(message('a', 'x', { archiveId: '2' })),
    )
  })

  test.each([
    ['sender', message('b', 'x', { id: 'i' })],
    ['id', message('a', 'x', { id: 'j' })],
    ['text', message('a', 'y', { id: 'i' })],
    ['sender, who is the room', message(undefined, 'x', { id: 'i' })],
  ])('differs without an archive id where the %s differs', (_what, other) => {
    expect(messageKey(other)).not.toBe(messageKey(message('a', 'x', { id: 'i' })))
  })

  test('of a message with an archive id is never that of one without', () => {
    expect(messageKey(message('a', 'x', { archiveId: 'a' }))).not.toBe(messageKey(message(undefined, 'x', { id: 'a' })))
  })

  test('is known again from the archive', () => {
    for (const read of [
      message('a', 'x', { archiveId: '1' }),
      message('a', 'x', { id: 'i' }),
      message(undefined, 'x'),
    ]) {
      expect(timelineOf([stored(read, 0)], []).recent.has(messageKey(read))).toBe(true)
    }
  })
})

describe('messageId', () => {
  test("is the room's", () => {
    expect(messageId(message('a', 'x', { archiveId: '1' }), () => 'fresh')).toBe('1')
  })

  test('is one of ours where the room gives none', () => {
    expect(messageId(message('a', 'x'), () => 'fresh')).toBe('fresh')
  })

  test('of a room is never taken for one of ours, and the other way round', () => {
    const ofTheRoom = message('a', 'x', { archiveId: 'fresh', id: 'i' })
    const ofOurs = message('a', 'x', { id: 'i' })

    expect([isArchived(ofTheRoom), isArchived(ofOurs)]).toEqual([true, false])
    expect(timelineOf([stored(ofOurs, 0, 'fresh')], []).recent.has(messageKey(ofTheRoom))).toBe(false)
  })
})

describe('place', () => {
  test('counts up', () => {
    const timeline = emptyTimeline()

    expect([place(timeline, 'a'), place(timeline, 'b'), place(timeline, 'c')]).toEqual([0, 1, 2])
  })

  test('is none for what is known', () => {
    const timeline = emptyTimeline()
    place(timeline, 'a')

    expect(place(timeline, 'a')).toBeUndefined()
    expect(place(timeline, 'b')).toBe(1)
  })

  test('remembers the newest thousand', () => {
    const timeline = emptyTimeline()
    for (let i = 0; i < 1001; i++) place(timeline, `k${i}`)

    expect(timeline.recent.size).toBe(1000)
    expect(place(timeline, 'k1')).toBeUndefined()
    expect(place(timeline, 'k0')).toBe(1001)
  })
})

describe('timelineOf', () => {
  test('goes on behind the newest stored message', () => {
    const timeline = timelineOf([stored(message('a', 'x', { archiveId: '1' }), 41)], [upTo(7)])

    expect(timeline).toMatchObject({ nextOrder: 42, gaps: [upTo(7)] })
  })

  test('of nothing begins at the beginning', () => {
    expect(timelineOf([], undefined)).toEqual(emptyTimeline())
  })

  test('of a room of which nothing is missing begins at the beginning, too: its first message is behind no cursor', () => {
    expect(timelineOf([], []).nextOrder).toBe(0)
  })

  test('never gives a place before the tail', () => {
    const timeline = timelineOf([], [upTo(GAP)])

    expect(place(timeline, 'a')).toBeGreaterThanOrEqual(tailFrom(timeline))
  })
})

describe('openGapBefore', () => {
  test('leaves room where none of the history is known', () => {
    const timeline = timelineOf([stored(message('a', 'x', { archiveId: '1' }), 0)], [])

    openGapBefore(timeline, ['a 8', 'a 9'])

    expect(timeline).toMatchObject({
      nextOrder: 1 + GAP,
      gaps: [{ from: 1, to: 1 + GAP, after: { id: '1', stampMs: 0 }, before: undefined }],
    })
  })

  test.each([
    ['the oldest of it is known', ['a 1', 'a 9']],
    ['the newest of it is known', ['a 9', 'a 1']],
  ])('opens none where %s', (_what, keys) => {
    const timeline = timelineOf([stored(message('a', 'x', { archiveId: '1' }), 0)], [])

    openGapBefore(timeline, keys)

    expect(timeline).toMatchObject({ nextOrder: 1, gaps: [] })
  })

  test('leaves room where there is none: it may not have been asked for, or not be kept', () => {
    const timeline = timelineOf([stored(message('a', 'x', { archiveId: '1' }), 0)], [])

    openGapBefore(timeline, [])

    expect(timeline).toMatchObject({ nextOrder: 1 + GAP, gaps: [{ from: 1, to: 1 + GAP }] })
  })

  test('leaves room before a room that was made anew: it has nothing in common with what was there before', () => {
    const timeline = timelineOf([stored(message('a', 'x', { archiveId: '1' }), 0)], [])

    openGapBefore(timeline, [], true)

    expect(timeline).toMatchObject({
      nextOrder: 1 + GAP,
      gaps: [{ from: 1, to: 1 + GAP, after: undefined, before: undefined }],
    })
  })

  test('opens none at the very beginning', () => {
    const timeline = emptyTimeline()

    openGapBefore(timeline, ['a 8'])

    expect(timeline).toMatchObject({ nextOrder: 0, gaps: [upTo(0)] })
  })

  test('leaves whole numbers for more gaps than a room ever has', () => {
    const timeline = timelineOf([stored(message('a', 'x', { archiveId: '1' }), 0)], [])
    for (let i = 0; i < 10_000; i++) openGapBefore(timeline, [`a new ${i}`])

    expect(Number.isSafeInteger(timeline.nextOrder)).toBe(true)
  })
})
