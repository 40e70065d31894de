import { describe, expect, test } from 'vitest'
import type { StreamRow } from '../../src/account/managed-stream.ts'
import { Remembered } from '../../src/broker/remembered.ts'
import { Session } from '../../src/broker/session.ts'
import type { SessionWorld } from '../../src/broker/session-world.ts'
import type { SignIn } from '../../src/contract/api.ts'
import type { Failure } from '../../src/contract/errors.ts'
import { presence } from '../../src/protocol/stanza.ts'
import { memoryStore } from '../../src/storage/memory-store.ts'
import { brokerStage } from '../support/fakes/broker-stage.ts'
import { fakeClock } from '../support/fakes/fake-clock.ts'
import { type FakeUpstreamOptions, fakeUpstream } from '../support/fakes/fake-upstream.ts'
import { ACCOUNT } from '../support/fakes/room-xml.ts'
import { deferred, turns } from '../support/fakes/turn.ts'

const SIGN_IN: SignIn = {
  service: ['wss://a.example/'],
  password: 'secret',
  onLastTab: 'linger',
  allowPlain: true,
  activity: 'active',
  hidden: false,
  again: false,
}

interface StageOptions extends FakeUpstreamOptions {
  /** What the worker before left. */
  readonly left?: StreamRow | undefined
  /** Until that has been read. */
  readonly reading?: Promise<void>
}

function stage({ left, reading = Promise.resolve(), ...options }: StageOptions = {}) {
  const clock = fakeClock()
  const upstream = fakeUpstream(options)
  const heard: string[] = []
  const outcomes: (string | undefined)[] = []
  let onlineAtLoss: boolean | undefined
  const saved: (StreamRow | undefined)[] = []
  const stored = { held: false, waiting: [] as (() => void)[] }
  const world: SessionWorld = {
    account: ACCOUNT,
    upstream,
    clock,
    log: () => undefined,
    remembered: new Remembered({ account: ACCOUNT, store: memoryStore(), clock, log: () => undefined }),
    happened: (input, stream) => session.step(input, stream),
    onStanza(node, stream) {
      if (!session.isCurrent(stream)) heard.push(`late stanza ${node.name}`)
      else if (!session.word(node)) {
        session.taken()
        heard.push(`stanza ${node.name}`)
      }
    },
    restore: () => reading.then(() => left),
    save: (row) => saved.push(row),
    afterSaved: (run) => (stored.held ? stored.waiting.push(run) : run()),
    onSuspended: () => heard.push('suspended'),
    onResumed: (restored) => heard.push(restored ? 'resumed, restored' : 'resumed'),
    onHandled: () => undefined,
    onOnline: () => heard.push('online'),
    onLost: () => {
      heard.push('lost')
      onlineAtLoss = session.online
    },
    onStatus: (status, error) => heard.push(error ? `${status} ${error.code}` : status),
  }
  const session = new Session(world)
  return {
    clock,
    upstream,
    session,
    heard,
    outcomes,
    /** What was written down, oldest first. */
    saved,
    /** Writes end when the test says so. */
    hold: () => {
      stored.held = true
    },
    release: () => {
      stored.held = false
      for (const run of stored.waiting.splice(0)) run()
    },
    onlineAtLoss: () => onlineAtLoss,
    signIn: (words: Partial<SignIn> = {}) =>
      session.signIn({ ...SIGN_IN, ...words }, (error: Failure | undefined) => outcomes.push(error?.code)),
  }
}

/** As a tab does whose app gives none. */
const signInWithoutPassword = (signIn: (words?: Partial<SignIn>) => void): void =>
  // `exactOptionalPropertyTypes` does not let us write `undefined` over the stage's own password.
  signIn(Object.assign({} as Partial<SignIn>, { password: undefined }))

describe('a sign-in', () => {
  test('begins one stream with all that it needs, and is told when it is online', async () => {
    const { signIn, upstream, outcomes, heard, session } = stage()

    signIn()
    await turns()

    expect(upstream.streams.map(({ credentials }) => credentials)).toEqual([
      { account: ACCOUNT, service: ['wss://a.example/'], password: 'secret', allowPlain: true },
    ])
    expect(heard).toEqual(['connecting', 'online', 'online'])
    expect(outcomes).toEqual([undefined])
    expect(session.online).toBe(true)
  })

  test('reads what the worker before left before it connects', async () => {
    const { promise, resolve } = deferred()
    const { signIn, upstream, outcomes } = stage({ reading: promise })
    signIn()
    await turns()
    expect(upstream.streams).toHaveLength(0)

    resolve()
    await turns()

    expect(upstream.streams).toHaveLength(1)
    expect(outcomes).toEqual([undefined])
  })

  test('of a second tab waits for the first, and needs no password', async () => {
    const { signIn, upstream, outcomes } = stage()

    signIn()
    signIn({ password: 'another' })
    signInWithoutPassword(signIn)
    await turns()

    expect(upstream.streams).toHaveLength(1)
    expect(outcomes).toEqual([undefined, undefined, undefined])
  })

  test('when online is answered at once', async () => {
    const { signIn, upstream, outcomes } = stage()
    signIn()
    await turns()

    signInWithoutPassword(signIn)

    expect(outcomes).toEqual([undefined, undefined])
    expect(upstream.streams).toHaveLength(1)
  })

  test('without a password where nobody is signed in says so', () => {
    const { signIn, upstream, outcomes } = stage()

    signInWithoutPassword(signIn)

    expect(outcomes).toEqual(['credentials-required'])
    expect(upstream.streams).toHaveLength(0)
  })

  test('with the wrong password fails for everybody who waits, and another can follow', async () => {
    const { signIn, outcomes, heard, session } = stage({ accounts: { [ACCOUNT]: 'secret' } })
    signIn({ password: 'wrong' })
    signIn({ password: 'wrong' })
    await turns()
    expect(outcomes).toEqual(['not-authorized', 'not-authorized'])
    expect(heard.at(-1)).toBe('refused not-authorized')

    signIn()
    await turns()

    expect(outcomes.at(-1)).toBeUndefined()
    expect(session.online).toBe(true)
  })

  test('to no address that answers fails with service-unreachable', async () => {
    const { signIn, outcomes } = stage({ services: [] })

    signIn()
    await turns()

    expect(outcomes).toEqual(['service-unreachable'])
  })

  test('that is not over while the stream is interrupted waits for its end', async () => {
    const { signIn, clock, upstream, outcomes } = stage()
    signIn()
    await turns()
    upstream.stream.end('closed')

    signInWithoutPassword(signIn)
    expect(outcomes).toHaveLength(1)
    clock.advance(1000)
    await turns()

    expect(outcomes).toEqual([undefined, undefined])
  })
})

describe('a sign-in while the next try is awaited', () => {
  test('with a password tries at once, with the new words', async () => {
    const { signIn, upstream, outcomes } = stage()
    signIn()
    await turns()
    upstream.stream.end('closed')

    signIn({ password: 'newer', service: ['wss://b.example/'] })
    await turns()

    expect(upstream.streams).toHaveLength(2)
    expect(upstream.stream.credentials).toMatchObject({ password: 'newer', service: ['wss://b.example/'] })
    expect(outcomes).toEqual([undefined, undefined])
  })

  test('leaves no second try behind', async () => {
    const { signIn, clock, upstream } = stage()
    signIn()
    await turns()
    upstream.stream.end('closed')
    signIn({ password: 'newer' })
    await turns()

    clock.advance(120_000)
    await turns()

    expect(upstream.streams).toHaveLength(2)
  })
})

describe('a stream that ends', () => {
  test('is begun again after a wait, by itself', async () => {
    const { signIn, clock, upstream, heard } = stage()
    signIn()
    await turns()
    heard.length = 0

    upstream.stream.end('closed')
    clock.advance(999)
    await turns()
    expect(upstream.streams).toHaveLength(1)
    clock.advance(1)
    await turns()

    expect(upstream.streams).toHaveLength(2)
    expect(heard).toEqual(['lost', 'interrupted', 'online', 'online'])
  })

  test('is not online any more when those who used it hear of it', async () => {
    const { signIn, upstream, onlineAtLoss } = stage()
    signIn()
    await turns()

    upstream.stream.end('closed')

    expect(onlineAtLoss()).toBe(false)
  })

  test('is heard no more, whatever it still says', async () => {
    const { signIn, clock, upstream, heard, session } = stage()
    signIn()
    await turns()
    const first = upstream.stream
    first.end('closed')
    clock.advance(1000)
    await turns()
    heard.length = 0

    first.listener.onOnline({ fullJid: `${ACCOUNT}/late`, session: 'new', handled: undefined, managed: undefined })
    first.listener.onEnd({ cause: 'conflict', text: 'late' })
    first.listener.onStanza(presence({}))
    upstream.stream.deliver('<presence/>')

    expect(heard).toEqual(['late stanza presence', 'stanza presence'])
    expect(session.online).toBe(true)
  })

  test('by a conflict is not begun again', async () => {
    const { signIn, clock, upstream, heard } = stage()
    signIn()
    await turns()

    upstream.stream.end('conflict')
    clock.advance(600_000)
    await turns()

    expect(upstream.streams).toHaveLength(1)
    expect(heard.at(-1)).toBe('offline offline')
  })

  test('takes what is sent then for lost', async () => {
    const { signIn, upstream, session } = stage()
    signIn()
    await turns()
    upstream.stream.end('closed')

    session.send(presence({}))

    expect(upstream.sent).toEqual([])
  })
})

describe('a sign-out', () => {
  test('closes the stream', async () => {
    const { signIn, upstream, session, heard } = stage()
    signIn()
    await turns()

    session.signOut()
    await turns()

    expect(upstream.stream.closed).toBe(true)
    expect(heard.at(-1)).toBe('offline')
  })

  test('ends the sign-ins that wait', async () => {
    const { signIn, session, outcomes } = stage({ signIn: 'by-hand' })
    signIn()
    await turns()

    session.signOut()

    expect(outcomes).toEqual(['offline'])
  })

  test('ends the wait for the next try', async () => {
    const { signIn, clock, upstream, session } = stage()
    signIn()
    await turns()
    upstream.stream.end('closed')

    session.signOut()
    clock.advance(600_000)
    await turns()

    expect(upstream.streams).toHaveLength(1)
  })

  test('while what was left is being read connects nothing', async () => {
    const { promise, resolve } = deferred()
    const { signIn, upstream, session } = stage({ reading: promise })
    signIn()
    await turns()
    session.signOut()

    resolve()
    await turns()

    expect(upstream.streams).toHaveLength(0)
  })

  test('and another sign-in while what was left is being read connects with the newer password', async () => {
    const { promise, resolve } = deferred()
    const { signIn, upstream, session } = stage({ reading: promise })
    signIn({ password: 'old' })
    await turns()
    session.signOut()
    signIn({ password: 'new' })

    resolve()
    await turns(3)

    expect(upstream.streams.map(({ credentials }) => credentials.password)).toEqual(['new'])
  })

  test('can be followed by a sign-in', async () => {
    const { signIn, session, upstream } = stage()
    signIn()
    await turns()
    session.signOut()

    signIn()
    await turns()

    expect(upstream.streams).toHaveLength(2)
    expect(session.online).toBe(true)
  })
})

test('what the worker before left is not stored once more, but what came to it before the next try is', async () => {
  const left: StreamRow = { id: 'session-1', fullJid: `${ACCOUNT}/web-1`, taken: 3, handled: 0, unhandled: [] }
  const { signIn, session, clock, upstream, saved } = stage({ left, management: 'resumes', signIn: 'by-hand' })
  signIn({ again: true })
  await turns()
  expect([upstream.streams.length, saved]).toEqual([1, []])

  session.send(presence({ type: 'unavailable' }))
  upstream.stream.end('unreachable')
  clock.advance(2_000)
  await turns()

  expect(upstream.streams.length).toBe(2)
  expect(saved).toMatchObject([{ id: 'session-1', taken: 3, unhandled: [{ name: 'presence' }] }])
})

test('an archive that another version of the application holds is told to each tab, once it is signed in', async () => {
  const stage = brokerStage({ blocked: true })
  const tabs = ['t1', 't2'].map((id) => stage.attach(id))

  for (const tab of tabs) await tab.signIn()
  await stage.settle()

  for (const tab of tabs)
    expect(tab.told('error').map(({ error }) => [error.code, error.retry])).toEqual([['storage-closed', false]])
})

describe('a hand-over', () => {
  const managed = { management: 'resumes' } as const

  test('writes the session down, and lets go of the connection without a word once it is told to', async () => {
    const { signIn, session, upstream, saved, heard } = stage(managed)
    signIn()
    await turns()
    saved.length = 0

    const letGo = session.handOver()
    expect(saved).toMatchObject([{ id: expect.any(String) }])
    expect(upstream.stream.live).toBe(true)
    letGo()

    expect([upstream.stream.live, upstream.stream.closed]).toEqual([false, false])
    expect(heard).not.toContain('lost')
  })

  test('takes nothing in any more', async () => {
    const { signIn, session, upstream, heard } = stage(managed)
    signIn()
    await turns()

    session.handOver()
    upstream.stream.deliver('<presence/>')

    expect(heard.at(-1)).toBe('late stanza presence')
  })

  test('before anything was read of the worker before writes nothing over it', async () => {
    const { session, saved } = stage()

    session.handOver()()

    expect(saved).toEqual([])
  })

  test('while what the worker before left is being read leaves that to the next one', async () => {
    const reading = deferred()
    const left: StreamRow = { id: 'session-1', fullJid: `${ACCOUNT}/web-1`, taken: 3, handled: 0, unhandled: [] }
    const { signIn, session, saved, upstream } = stage({ ...managed, left, reading: reading.promise })
    signIn()
    await turns()

    session.handOver()()
    reading.resolve()
    await turns()

    expect(saved).toEqual([])
    expect(upstream.streams).toEqual([])
  })

  test('by force stores nothing', async () => {
    const { signIn, session, upstream, saved } = stage(managed)
    signIn()
    await turns()
    saved.length = 0

    session.abandon()

    expect(saved).toEqual([])
    expect(upstream.stream.live).toBe(false)
  })
})
