import { describe, expect, test } from 'vitest'
import { WAIT } from '../../src/rooms/room.ts'
import { inRoom, joining, machine, only, sent, toldKinds } from '../support/fakes/room-machine.ts'
import { gone, present, said, subject } from '../support/fakes/room-xml.ts'

const ownGone = gone('juliet', { codes: [110] })

describe('a tab dies', () => {
  const die = (m: ReturnType<typeof machine>, tab: string) => m.step({ on: 'tab-gone', tab })

  test('and where others are in nothing happens', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })

    expect(die(m, 't1')).toEqual([])
    expect(toldKinds(m.hear(said('romeo', 'hark')), 't2')).toEqual(['message'])
  })

  test('as the last one, and the room is kept for a while: it may be a reload', () => {
    const m = inRoom()

    expect(die(m, 't1')).toEqual([{ do: 'wait', name: 'grace', ms: WAIT.graceMs }])
    expect(m.room.occupancy.at).toBe('in')
  })

  test('as the last one, and after the grace the room is left', () => {
    const m = inRoom()
    die(m, 't1')

    const effects = m.time('grace')

    expect(sent(effects).map(({ attrs }) => attrs['type'])).toEqual(['unavailable'])
    expect(only([...effects, ...m.hear(ownGone)], 'announce')[0]?.event).toMatchObject({ change: 'left' })
  })

  test('and comes back within the grace: nothing goes out, and it is shown the room', () => {
    const m = inRoom()
    die(m, 't1')

    const effects = m.join('t1b')

    expect(only(effects, 'stop-waiting')).toContainEqual({ do: 'stop-waiting', name: 'grace' })
    expect(only(effects, 'show')).toHaveLength(1)
    expect(sent([...effects, ...m.time('grace')])).toEqual([])
  })

  test('and the account lingers: the room is kept for as long as nobody comes', () => {
    const m = inRoom({ lingering: true })
    die(m, 't1')

    const effects = [...m.time('grace'), ...m.time('grace')]

    expect(sent(effects)).toEqual([])
    expect(only(effects, 'wait').map(({ name }) => name)).toEqual(['grace', 'grace'])
  })

  test('and another tab of the account is there that does not want the room: it is left after the grace', () => {
    const m = inRoom({ lingering: true })
    die(m, 't1')
    m.time('grace')
    m.world.lingering = false

    expect(sent(m.time('grace'))).toHaveLength(1)
  })

  test('while it waits to be in, and the others still get in', () => {
    const m = joining()
    m.join('t2')
    die(m, 't1')

    const effects = m.hear(present('juliet', { codes: [110] }), subject(''))

    expect(only(effects, 'show').map(({ tab }) => tab)).toEqual(['t2'])
  })

  test('while it alone waits to be in, and the room is left after the grace', () => {
    const m = joining()
    die(m, 't1')
    m.hear(present('juliet', { codes: [110] }), subject(''))

    expect(sent(m.time('grace')).map(({ attrs }) => attrs['type'])).toEqual(['unavailable'])
  })

  test('while it alone waits to be in, and the grace ends before the room has answered', () => {
    const m = joining()
    die(m, 't1')

    expect(sent(m.time('grace')).map(({ attrs }) => attrs['type'])).toEqual(['unavailable'])
  })

  test('while it waits for the room to confirm its leave, and nobody is told twice', () => {
    const m = inRoom()
    m.leave('t1')

    expect(die(m, 't1')).toEqual([])
    expect(m.hear(ownGone).length).toBeGreaterThan(0)
  })

  test('that never was in, and nothing happens', () => {
    expect(die(inRoom(), 't9')).toEqual([])
    expect(die(machine(), 't9')).toEqual([])
  })

  test('and the room throws us out within the grace: the end of the grace is nobody’s news', () => {
    const m = inRoom()
    die(m, 't1')
    m.hear(gone('juliet', { codes: [110, 307] }))

    expect(m.time('grace')).toEqual([])
  })
})
