import { describe, expect, test } from 'vitest'
import { subjectOf } from '../../src/rooms/subject.ts'
import { inRoom, toldTo } from '../support/fakes/room-machine.ts'
import { ROOM, subject } from '../support/fakes/room-xml.ts'

const NOW = Date.UTC(2030, 0, 1)
const read = (text: string, delayMs?: number) =>
  subjectOf({ kind: 'subject', nick: undefined, text, delayMs, stanzaId: undefined }, NOW)

describe('the time of a subject', () => {
  test('is what the room says', () => {
    expect(read('Verona', 5000)).toEqual({ text: 'Verona', stampMs: 5000 })
  })

  test('is when we heard of it where the room says nothing', () => {
    expect(read('Verona')).toEqual({ text: 'Verona', stampMs: NOW })
  })

  test('is none where the room has no subject and never had one', () => {
    expect(read('')).toEqual({ text: '' })
  })
})

test('a change is told to every tab that is in', () => {
  const m = inRoom({ tabs: ['t1', 't2'] })

  const effects = m.hear(subject('Verona', { nick: 'romeo' }))

  for (const tab of ['t1', 't2']) {
    expect(toldTo(effects, tab)).toEqual([
      { kind: 'subject', room: ROOM, subject: { text: 'Verona', nick: 'romeo', stampMs: NOW } },
    ])
  }
})

test('a subject can be taken away', () => {
  const m = inRoom()
  m.hear(subject('Verona', { nick: 'romeo' }))

  m.hear(subject('', { nick: 'romeo' }))

  expect(m.room.subject).toEqual({ text: '', nick: 'romeo' })
})
