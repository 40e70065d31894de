import { describe, expect, test } from 'vitest'
import { inRoom, only, toldTo } from '../support/fakes/room-machine.ts'
import { messageError, ROOM } from '../support/fakes/room-xml.ts'

describe('a private message that the room refuses', () => {
  test('is refused to its sender, and no tab gets a copy', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })
    m.whisper('t1', 'romeo', 'psst', { id: 'w1' })

    const effects = m.hear(messageError('w1', 'forbidden'))

    expect(only(effects, 'fail')).toMatchObject([{ call: m.call, error: { code: 'forbidden' } }])
    for (const tab of ['t1', 't2']) expect(toldTo(effects, tab)).toEqual([])
  })

  test('because nobody has that nick does not say that the room is not there', () => {
    const m = inRoom()
    m.whisper('t1', 'nobody', 'psst', { id: 'w1' })

    const effects = m.hear(messageError('w1', 'item-not-found', { text: 'Recipient not in room' }))

    expect(only(effects, 'fail')).toMatchObject([
      { error: { code: 'stanza-error', condition: 'item-not-found', text: 'Recipient not in room' } },
    ])
  })

  test('under an id that nobody used changes nothing', () => {
    const m = inRoom()
    m.post('t1', `<message to='${ROOM}'/>`, { id: 'p1' })

    expect(m.hear(messageError('p2', 'forbidden'))).toEqual([])
  })
})
