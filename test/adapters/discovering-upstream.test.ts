import { describe, expect, test } from 'vitest'
import { discoveringUpstream } from '../../src/adapters/discovering-upstream.ts'
import type { Credentials, StreamEnd } from '../../src/broker/ports.ts'
import { presence } from '../../src/protocol/stanza.ts'
import { fakeUpstream } from '../support/fakes/fake-upstream.ts'
import { ACCOUNT } from '../support/fakes/room-xml.ts'
import { deferred, turns } from '../support/fakes/turn.ts'

const CREDENTIALS: Credentials = { account: ACCOUNT, service: [], password: 'secret', allowPlain: false }

function stage(discover: (domain: string) => Promise<readonly string[]>) {
  const inner = fakeUpstream()
  const asked: string[] = []
  const upstream = discoveringUpstream(inner, (domain) => {
    asked.push(domain)
    return discover(domain)
  })
  const ends: StreamEnd[] = []
  let online = 0
  const connect = (words: Partial<Credentials> = {}) =>
    upstream.connect(
      { ...CREDENTIALS, ...words },
      { onOnline: () => online++, onStanza: () => undefined, onEnd: (end) => ends.push(end) },
    )
  return { inner, asked, ends, connect, online: () => online }
}

describe('without an address', () => {
  test('the domain of the account is asked for those that it has', async () => {
    const { inner, asked, connect, online } = stage(async () => ['wss://one/', 'wss://two/'])

    const stream = connect()
    await turns()
    stream.send(presence({}))

    expect(asked).toEqual(['capulet.example'])
    expect(inner.stream.credentials).toEqual({ ...CREDENTIALS, service: ['wss://one/', 'wss://two/'] })
    expect([online(), inner.sent.length]).toEqual([1, 1])
  })

  test('and without an answer the stream ends, and says where it has looked', async () => {
    const { inner, ends, connect } = stage(async () => [])

    connect()
    await turns()

    expect(inner.streams).toEqual([])
    expect(ends).toEqual([
      { cause: 'unreachable', text: expect.stringContaining('https://capulet.example/.well-known/') },
    ])
  })

  test('and an answer the next time, the last one holds', async () => {
    const answers = [['wss://one/'], []]
    const { inner, connect } = stage(async () => answers.shift() ?? [])

    connect()
    await turns()
    connect()
    await turns()

    expect(inner.streams.map(({ credentials }) => credentials.service)).toEqual([['wss://one/'], ['wss://one/']])
  })

  test.each(['close', 'drop'] as const)(
    'a stream of which the app has lost interest (%s) connects nowhere',
    async (how) => {
      const late = deferred<readonly string[]>()
      const { inner, ends, connect } = stage(() => late.promise)

      const stream = connect()
      stream[how]()
      late.resolve(['wss://one/'])
      await turns()

      expect([inner.streams, ends]).toEqual([[], []])
    },
  )

  test.each(['close', 'drop'] as const)('a stream that is there ends by %s', async (how) => {
    const { inner, connect } = stage(async () => ['wss://one/'])
    const stream = connect()
    await turns()

    stream[how]()

    expect([inner.stream.closed, inner.stream.live]).toEqual([how === 'close', false])
  })
})

test('with an address nobody is asked', async () => {
  const { inner, asked, connect } = stage(async () => [])

  connect({ service: ['wss://given/'] })
  await turns()

  expect(asked).toEqual([])
  expect(inner.stream.credentials.service).toEqual(['wss://given/'])
})
