import { describe, expect, test } from 'vitest'
import type { StreamRow } from '../../src/account/managed-stream.ts'
import { Remembered } from '../../src/broker/remembered.ts'
import { Session } from '../../src/broker/session.ts'
import { presence } from '../../src/protocol/stanza.ts'
import { memoryStore } from '../../src/storage/memory-store.ts'
import { fakeClock } from '../support/fakes/fake-clock.ts'
import { type FakeStream, type FakeUpstreamOptions, fakeUpstream } from '../support/fakes/fake-upstream.ts'
import { ACCOUNT } from '../support/fakes/room-xml.ts'
import { turns } from '../support/fakes/turn.ts'

interface Options extends FakeUpstreamOptions {
  /** What the worker before left. */
  readonly left?: StreamRow
}

/** A session with a server that manages streams, and a store whose writes a test can hold back. */
function stage({ left, ...options }: Options = {}) {
  const clock = fakeClock()
  const received: string[] = []
  const upstream = fakeUpstream({
    management: 'resumes',
    onSent: (node) => void received.push(node.attrs['id'] ?? node.name),
    ...options,
  })
  const heard: string[] = []
  const saved: (StreamRow | undefined)[] = []
  const store = { held: false, waiting: [] as (() => void)[] }
  const session: Session = new Session({
    account: ACCOUNT,
    upstream,
    clock,
    log: () => undefined,
    remembered: new Remembered({ account: ACCOUNT, store: memoryStore(), clock, log: () => undefined }),
    happened: (input, stream) => session.step(input, stream),
    onStanza(node, stream) {
      if (!session.isCurrent(stream) || session.word(node)) return
      session.taken()
      heard.push(node.attrs['id'] ?? node.name)
    },
    restore: async () => left,
    save: (row) => saved.push(row),
    afterSaved: (run) => void (store.held ? store.waiting.push(run) : run()),
    onHandled: () => undefined,
    onOnline: () => heard.push('online'),
    onSuspended: () => heard.push('suspended'),
    onResumed: (restored) => heard.push(restored ? 'resumed from the store' : 'resumed'),
    onLost: () => heard.push('lost'),
    onStatus: (status) => heard.push(`status ${status}`),
  })
  const signIn = async (): Promise<void> => {
    const words = {
      service: ['wss://a.example/'],
      onLastTab: 'linger',
      allowPlain: true,
      activity: 'active',
      hidden: false,
    } as const
    session.signIn({ ...words, password: 'secret', again: false }, () => undefined)
    await turns()
    heard.length = 0
  }
  return {
    clock,
    upstream,
    session,
    heard,
    saved,
    received,
    signIn,
    send: (...ids: readonly string[]) => {
      for (const id of ids) session.send(presence({ id }))
    },
    hold: () => {
      store.held = true
    },
    release: () => {
      store.held = false
      for (const run of store.waiting.splice(0)) run()
    },
    /** The connection breaks, and the next one is made. */
    async again(ms = 1_000) {
      upstream.stream.end('closed')
      clock.advance(ms)
      await turns()
    },
  }
}

/** What was said about the stream itself. */
const words = ({ sent }: FakeStream, name: 'a' | 'r'): unknown[] =>
  sent.filter((node) => node.name === name).map(({ attrs }) => attrs['h'])

describe('an acknowledgement', () => {
  test('counts what was taken in, and goes out when that is stored', async () => {
    const { upstream, signIn, saved, hold, release } = stage()
    await signIn()
    upstream.stream.deliver("<presence id='1'/>")
    upstream.stream.deliver("<presence id='2'/>")

    hold()
    upstream.stream.requestAck()
    expect(saved.at(-1)).toMatchObject({ id: 'sm-1', taken: 2 })
    expect(words(upstream.stream, 'a')).toEqual([])
    release()

    expect(words(upstream.stream, 'a')).toEqual(['2'])
  })

  test('is of what was taken in when the server asked, not of what came while it was stored', async () => {
    const { upstream, signIn, hold, release } = stage()
    await signIn()
    upstream.stream.deliver('<presence/>')
    hold()
    upstream.stream.requestAck()

    upstream.stream.deliver('<presence/>')
    release()

    expect(words(upstream.stream, 'a')).toEqual(['1'])
  })

  test('that is stored after the connection broke is not said on the next one', async () => {
    const { upstream, signIn, hold, release, clock } = stage()
    await signIn()
    upstream.stream.deliver('<presence/>')
    hold()
    upstream.stream.requestAck()
    upstream.stream.end('closed')
    clock.advance(1_000)
    await turns()
    release()
    await turns()

    expect(upstream.streams).toHaveLength(2)
    expect(upstream.streams.flatMap((stream) => words(stream, 'a'))).toEqual([])
    expect(upstream.stream.credentials.resume).toMatchObject({ taken: 1 })
  })

  test('is not given where the server does not count', async () => {
    const { upstream, signIn } = stage({ management: 'none' })
    await signIn()

    upstream.stream.requestAck()

    expect(words(upstream.stream, 'a')).toEqual([])
  })
})

describe('a connection that breaks', () => {
  test('suspends the session, and the next one goes on with it', async () => {
    const { upstream, signIn, heard, again } = stage()
    await signIn()
    upstream.stream.deliver("<presence id='1'/>")
    heard.length = 0

    await again()

    expect(upstream.stream.credentials.resume).toEqual({ id: 'sm-1', fullJid: `${ACCOUNT}/web-1`, taken: 1 })
    expect(heard).toEqual(['suspended', 'status interrupted', 'status online', 'resumed'])
  })

  test('loses nothing that the server said, and doubles nothing', async () => {
    const { upstream, signIn, heard, again } = stage()
    await signIn()
    upstream.stream.deliver("<presence id='1'/>")
    upstream.stream.requestAck()
    upstream.stream.stall('down')
    upstream.stream.deliver("<presence id='2'/>")
    heard.length = 0

    const [first] = upstream.streams
    await again()
    first?.deliver("<presence id='3'/>")

    expect(heard.filter((each) => /^\d$/.test(each))).toEqual(['2', '3'])
  })

  test('loses nothing that we said, keeps its order, and doubles nothing', async () => {
    const { upstream, signIn, send, received, again } = stage()
    await signIn()
    send('1', '2')
    upstream.stream.stall('up')
    send('3', '4')

    await again()

    expect(received).toEqual(['1', '2', '3', '4'])
  })

  test('lets what is said meanwhile wait behind what was said before', async () => {
    const { upstream, signIn, send, received, clock } = stage()
    await signIn()
    upstream.stream.stall('up')
    send('1')
    upstream.stream.end('closed')
    send('2')

    clock.advance(1_000)
    await turns()
    send('3')

    expect(received).toEqual(['1', '2', '3'])
  })

  test('twice, and the second one in the middle of the first resumption, loses and doubles nothing', async () => {
    const { upstream, signIn, send, received, again } = stage()
    await signIn()
    upstream.stream.stall('up')
    send('1', '2')
    await again()
    upstream.stream.stall('up')
    send('3')

    await again()
    await again()

    expect(received).toEqual(['1', '2', '3'])
  })

  test('and cannot be made again for a while keeps all that waits', async () => {
    const { upstream, signIn, send, received, clock } = stage({ signIn: 'by-hand' })
    await signIn()
    upstream.stream.online()
    upstream.stream.end('closed')
    send('1')
    for (let i = 0; i < 3; i++) {
      clock.advance(60_000)
      await turns()
      upstream.stream.end('unreachable')
    }

    clock.advance(60_000)
    await turns()
    upstream.stream.online()

    expect(received).toEqual(['1'])
  })
})

describe('a session that is over', () => {
  test('because the server has forgotten it is lost before anybody hears of the new one', async () => {
    const { upstream, signIn, heard, again, saved } = stage()
    await signIn()
    upstream.server.resumes = false

    await again()

    expect(heard).toEqual(['suspended', 'status interrupted', 'lost', 'status online', 'online'])
    expect(saved.slice(-2)).toMatchObject([undefined, { id: 'sm-2', taken: 0, unhandled: [] }])
  })

  test('because the server has forgotten it takes what waited with it', async () => {
    const { upstream, signIn, send, received, again } = stage()
    await signIn()
    upstream.stream.stall('up')
    send('1')
    upstream.server.resumes = false

    await again()
    send('2')

    expect(received).toEqual(['2'])
  })

  test.each(['conflict', 'policy', 'not-authorized'] as const)('by %s is lost at once', async (cause) => {
    const { upstream, signIn, heard, saved } = stage()
    await signIn()

    upstream.stream.end(cause)

    expect(heard[0]).toBe('lost')
    expect(heard).not.toContain('suspended')
    expect(saved.at(-1)).toBeUndefined()
  })

  test('by a sign-out while it has no connection is lost, and another sign-in begins a new one', async () => {
    const { upstream, session, signIn, heard } = stage()
    await signIn()
    upstream.stream.end('closed')

    session.signOut()
    expect(heard).toEqual(['suspended', 'status interrupted', 'lost', 'status offline'])
    await signIn()

    expect(upstream.stream.credentials.resume).toBeUndefined()
  })

  test('is lost at once where it could not go on at all', async () => {
    const { upstream, signIn, heard } = stage({ management: 'counts' })
    await signIn()

    upstream.stream.end('closed')

    expect(heard).toEqual(['lost', 'status interrupted'])
  })
})

describe('a server that counts wrong', () => {
  test('ends the session: whatever waits there cannot be known', async () => {
    const { upstream, signIn, send, heard, clock } = stage()
    await signIn()
    send('1')

    upstream.stream.word("<a xmlns='urn:xmpp:sm:3' h='2'/>")
    expect(heard).toEqual(['lost', 'status interrupted'])
    clock.advance(1_000)
    await turns()

    expect(upstream.stream.credentials.resume).toBeUndefined()
    expect(heard.at(-1)).toBe('online')
  })

  test('when the session goes on ends it, too', async () => {
    const { upstream, signIn, heard, clock } = stage({ signIn: 'by-hand' })
    await signIn()
    upstream.stream.online()
    upstream.stream.end('closed')
    clock.advance(1_000)
    await turns()
    heard.length = 0

    upstream.stream.listener.onOnline({ fullJid: 'x', session: 'resumed', handled: 9, managed: { id: 'sm-1' } })

    expect(heard).not.toContain('resumed')
    expect(heard).toContain('lost')
  })
})

describe('liveness', () => {
  test('what was said is asked about, and a server that does not answer is left, for the session to go on', async () => {
    const { upstream, signIn, send, heard, clock, received } = stage()
    await signIn()
    upstream.stream.stall()
    send('1')

    clock.advance(1_000)
    expect(words(upstream.stream, 'r')).toHaveLength(1)
    clock.advance(8_000)
    expect(heard).toEqual(['suspended', 'status interrupted'])
    clock.advance(1_000)
    await turns()

    expect(received).toEqual(['1'])
    expect(heard.at(-1)).toBe('resumed')
  })

  test('a person who looks has the connection tried at once', async () => {
    const { upstream, session, signIn } = stage()
    await signIn()

    session.nudge()

    expect(words(upstream.stream, 'r')).toHaveLength(1)
  })

  test('a server that does not count is not asked', async () => {
    const { upstream, session, signIn, send, clock } = stage({ management: 'none' })
    await signIn()

    session.nudge()
    send('1')
    clock.advance(120_000)

    expect(words(upstream.stream, 'r')).toEqual([])
    expect(session.online).toBe(true)
  })
})

describe('what the worker before left', () => {
  const LEFT: StreamRow = {
    id: 'sm-1',
    fullJid: `${ACCOUNT}/web-1`,
    taken: 0,
    handled: 0,
    unhandled: [presence({ id: '1' }), presence({ id: '2' })],
  }

  /** A worker that has read it, and the server that has the session, with so many of our stanzas handled. */
  async function goesOn(handled: number) {
    const made = stage({ left: LEFT, signIn: 'by-hand' })
    const words = {
      service: ['wss://a.example/'],
      onLastTab: 'linger',
      allowPlain: true,
      activity: 'active',
      hidden: false,
    } as const
    made.session.signIn({ ...words, password: 'secret', again: true }, () => undefined)
    await turns()
    const { stream } = made.upstream
    const { send } = stream
    const sentAgain: unknown[] = []
    Object.assign(stream, { send: (node: Parameters<typeof send>[0]) => sentAgain.push(node.attrs['id'] ?? node.name) })
    stream.listener.onOnline({ fullJid: LEFT.fullJid, session: 'resumed', handled, managed: { id: 'sm-1' } })
    return { ...made, sentAgain }
  }

  test('goes on: what was written down and not handled goes out again, and nobody is told of a new session', async () => {
    const { upstream, heard, sentAgain } = await goesOn(1)

    expect(upstream.stream.credentials.resume).toEqual({ id: 'sm-1', fullJid: LEFT.fullJid, taken: 0 })
    expect(sentAgain).toEqual(['2'])
    expect(heard).toEqual(['status interrupted', 'status online', 'resumed from the store'])
  })

  test('may have said more than it wrote down', async () => {
    const { heard, sentAgain } = await goesOn(7)

    expect([heard.at(-1), sentAgain]).toEqual(['resumed from the store', []])
  })

  test('is counted exactly from then on', async () => {
    const { session, heard } = await goesOn(7)

    session.word({ name: 'a', ns: 'urn:xmpp:sm:3', attrs: { h: '8' }, children: [] })

    expect(heard).toContain('lost')
  })

  test('is over where the server has forgotten it', async () => {
    const second = stage({ left: LEFT })

    await second.signIn()
    expect(second.upstream.stream.credentials.resume).toMatchObject({ id: 'sm-1' })

    expect(second.session.online).toBe(true)
    expect(second.saved).toContainEqual(undefined)
    expect(second.saved.at(-1)).toMatchObject({ taken: 0, unhandled: [] })
    expect(second.received).toEqual([])
  })
})
