import { describe, expect, test } from 'vitest'
import {
  type Bound,
  type Connection,
  type ConnectionInput,
  type EndCause,
  stepConnection,
} from '../../src/account/connection.ts'

const BOUND: Bound = { fullJid: 'a@b/c', session: 'new', handled: undefined, managed: undefined }
const OFFLINE: Connection = { at: 'offline' }
const REFUSED: Connection = { at: 'refused' }
const ONLINE: Connection = { at: 'online' }
const FIRST: Connection = { at: 'connecting', tries: 0, before: false }
const AGAIN: Connection = { at: 'connecting', tries: 2, before: true }
const WAITING: Connection = { at: 'waiting', tries: 2 }
const EVERY = { OFFLINE, REFUSED, ONLINE, FIRST, AGAIN, WAITING }

const ended = (cause: EndCause): ConnectionInput => ({ on: 'ended', cause, text: 'because' })
const step = (was: Connection, input: ConnectionInput, chance = 1) => stepConnection(was, input, chance)
const statuses = ([, effects]: ReturnType<typeof stepConnection>): string[] =>
  effects.flatMap((effect) => (effect.do === 'tell-status' ? [effect.status] : []))

describe('sign-in', () => {
  test.each([
    ['offline', OFFLINE],
    ['refused', REFUSED],
  ])('begins when %s', (_at, was) => {
    expect(step(was, { on: 'sign-in' })).toEqual([
      FIRST,
      [{ do: 'tell-status', status: 'connecting' }, { do: 'connect' }],
    ])
  })

  test('of an account that was online in another life of the worker goes on where that ended: interrupted', () => {
    const was = step(OFFLINE, { on: 'sign-in', again: true })

    expect(was).toEqual([
      { at: 'connecting', tries: 0, before: true },
      [{ do: 'tell-status', status: 'interrupted' }, { do: 'connect' }],
    ])
    expect(step(was[0], ended('unreachable'))).toMatchObject([{ at: 'waiting', tries: 1 }, [{ do: 'wait' }]])
  })

  test.each([
    ['connecting', FIRST],
    ['online', ONLINE],
    ['waiting', WAITING],
  ])('changes nothing when %s: there is one connection', (_at, was) => {
    expect(step(was, { on: 'sign-in' })).toEqual([was, []])
  })
})

describe('online', () => {
  test.each([
    ['the first time', FIRST],
    ['again', AGAIN],
  ])('is told %s', (_when, was) => {
    expect(step(was, { on: 'online', ...BOUND })).toEqual([ONLINE, [{ do: 'tell-status', status: 'online' }]])
  })

  test.each([
    ['offline', OFFLINE],
    ['refused', REFUSED],
    ['waiting', WAITING],
    ['online', ONLINE],
  ])('means nothing when %s: it is late', (_at, was) => {
    expect(step(was, { on: 'online', ...BOUND })).toEqual([was, []])
  })
})

describe('the end of a stream that was online', () => {
  test.each(['closed', 'unreachable', 'malformed'] as const)('by %s is waited out', (cause) => {
    expect(step(ONLINE, ended(cause))).toEqual([
      { at: 'waiting', tries: 0 },
      [
        { do: 'tell-status', status: 'interrupted' },
        { do: 'wait', ms: 1000 },
      ],
    ])
  })

  test.each(['conflict', 'policy'] as const)('by %s is final: to come back would be a fight', (cause) => {
    const result = step(ONLINE, ended(cause))

    expect(result[0]).toEqual(OFFLINE)
    expect(result[1]).toMatchObject([{ do: 'tell-status', status: 'offline', error: { code: 'offline' } }])
  })

  test('by not-authorized wants the person', () => {
    const result = step(ONLINE, ended('not-authorized'))

    expect(result[0]).toEqual(REFUSED)
    expect(result[1]).toMatchObject([{ do: 'tell-status', status: 'refused', error: { code: 'not-authorized' } }])
  })
})

describe('the end of the first sign-in', () => {
  test.each([
    ['closed', 'offline', 'service-unreachable'],
    ['unreachable', 'offline', 'service-unreachable'],
    ['malformed', 'offline', 'service-unreachable'],
    ['conflict', 'offline', 'offline'],
    ['policy', 'offline', 'offline'],
    ['not-authorized', 'refused', 'not-authorized'],
    ['credentials-required', 'refused', 'credentials-required'],
  ] as const)('by %s is told as %s, with %s', (cause, status, code) => {
    const result = step(FIRST, ended(cause))

    expect(result[0].at).toBe(status)
    expect(result[1]).toMatchObject([{ do: 'tell-status', status, error: { code } }])
  })
})

describe('the end of a further try', () => {
  test.each(['closed', 'unreachable', 'malformed'] as const)(
    'by %s makes the next wait longer, and is not told',
    (cause) => {
      expect(step(AGAIN, ended(cause))).toEqual([{ at: 'waiting', tries: 3 }, [{ do: 'wait', ms: 8000 }]])
    },
  )

  test.each([
    ['not-authorized', 'refused'],
    ['conflict', 'offline'],
    ['policy', 'offline'],
  ] as const)('by %s ends the tries', (cause, at) => {
    expect(step(AGAIN, ended(cause))[0].at).toBe(at)
  })
})

test.each([
  ['offline', OFFLINE],
  ['refused', REFUSED],
  ['waiting', WAITING],
])('the end of a stream means nothing when %s: it is late', (_at, was) => {
  expect(step(was, ended('closed'))).toEqual([was, []])
})

describe('the wait before the next try', () => {
  const wait = (tries: number, chance: number): number => {
    const [, effects] = step({ at: 'connecting', tries, before: true }, ended('unreachable'), chance)
    return effects.flatMap((effect) => (effect.do === 'wait' ? [effect.ms] : []))[0] ?? -1
  }

  test('is doubled each time, up to a minute', () => {
    expect([0, 1, 2, 3, 4, 5, 50, 2000].map((tries) => wait(tries, 1))).toEqual([
      2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000,
    ])
  })

  test('is spread over its second half, so that a crowd does not come back as one', () => {
    expect([wait(2, 0), wait(2, 0.5), wait(2, 1)]).toEqual([4000, 6000, 8000])
  })

  test('ends with the next try', () => {
    expect(step(WAITING, { on: 'time' })).toEqual([AGAIN, [{ do: 'connect' }]])
  })

  test.each([
    ['offline', OFFLINE],
    ['online', ONLINE],
    ['connecting', FIRST],
    ['refused', REFUSED],
  ])('means nothing when %s: it is late', (_at, was) => {
    expect(step(was, { on: 'time' })).toEqual([was, []])
  })
})

describe('sign-out', () => {
  test.each(Object.entries(EVERY))('from %s ends the stream and every wait', (_at, was) => {
    const result = step(was, { on: 'sign-out' })

    expect(result[0]).toEqual(OFFLINE)
    expect(result[1].map((effect) => effect.do)).toEqual(['stop-waiting', 'disconnect', 'tell-status'])
    expect(statuses(result)).toEqual(['offline'])
  })
})

test('a long outage is one word to the tabs, and its end another', () => {
  let at: Connection = ONLINE
  const told: string[] = []
  const inputs: ConnectionInput[] = [
    ended('closed'),
    ...Array.from({ length: 5 }, () => [{ on: 'time' } as const, ended('unreachable')]).flat(),
    { on: 'time' },
    { on: 'online', ...BOUND },
  ]

  for (const input of inputs) {
    const result = step(at, input)
    at = result[0]
    told.push(...statuses(result))
  }

  expect(told).toEqual(['interrupted', 'online'])
})
