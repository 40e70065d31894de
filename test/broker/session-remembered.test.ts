import 'fake-indexeddb/auto'
import { expect, test } from 'vitest'
import type { FastToken } from '../../src/account/fast-token.ts'
import { Remembered } from '../../src/broker/remembered.ts'
import { Session } from '../../src/broker/session.ts'
import type { SignIn } from '../../src/contract/api.ts'
import { diskStore } from '../support/fakes/disk.ts'
import { fakeClock } from '../support/fakes/fake-clock.ts'
import { fakeUpstream } from '../support/fakes/fake-upstream.ts'

const ACCOUNT = 'juliet@a.example'
const SIGN_IN: SignIn = {
  service: ['wss://a.example/'],
  onLastTab: 'linger',
  allowPlain: false,
  activity: 'active',
  hidden: false,
  again: false,
}
const TOKEN: FastToken = {
  agent: 'a1',
  mechanism: 'HT-SHA-256-NONE',
  sealed: 'sealed',
  expiresMs: undefined,
  count: 1,
  inline: { resumes: true, features: [], tokens: ['HT-SHA-256-NONE'] },
}

let databases = 0

/** A session with a store, in which this is remembered. */
async function stage(token?: FastToken) {
  const store = await diskStore(`minimix:session-remembered-${++databases}`)
  await store.write([{ put: 'token', row: token }])
  const clock = fakeClock()
  const upstream = fakeUpstream()
  const log = (): void => undefined
  const session: Session = new Session({
    account: ACCOUNT,
    upstream,
    clock,
    log,
    remembered: new Remembered({ account: ACCOUNT, store, clock, log }),
    happened: (input, stream) => session.step(input, stream),
    onStanza: () => undefined,
    restore: async () => undefined,
    save: () => undefined,
    afterSaved: (run) => run(),
    onHandled: () => undefined,
    onOnline: () => undefined,
    onSuspended: () => undefined,
    onResumed: () => undefined,
    onLost: () => undefined,
    onStatus: () => undefined,
  })
  /** Resolves with the code of the failure, or `undefined`. */
  const signIn = (words: Partial<SignIn> = {}): Promise<string | undefined> =>
    new Promise((resolve) => session.signIn({ ...SIGN_IN, ...words }, (error) => resolve(error?.code)))
  return { store, session, upstream, signIn }
}

test('without a password it is by what is remembered, whose use is written down', async () => {
  const { signIn, upstream, store } = await stage(TOKEN)

  expect(await signIn()).toBeUndefined()

  expect(upstream.stream.credentials).toMatchObject({ password: undefined, token: { count: 1, agent: 'a1' } })
  expect(await store.token()).toMatchObject({ count: 3 })
})

test('without a password and with nothing remembered it wants one, and nothing is connected', async () => {
  const { signIn, upstream, session } = await stage()

  expect(await signIn()).toBe('credentials-required')

  expect(upstream.streams).toHaveLength(0)
  expect(session.idle).toBe(true)
})

test('of two tabs without a password both are signed in, by one use', async () => {
  const { signIn, upstream } = await stage(TOKEN)

  expect(await Promise.all([signIn(), signIn()])).toEqual([undefined, undefined])

  expect(upstream.streams).toHaveLength(1)
})

test('a password that comes meanwhile signs both in', async () => {
  const { signIn, upstream } = await stage()

  expect(await Promise.all([signIn(), signIn({ password: 'secret' })])).toEqual([undefined, undefined])

  expect(upstream.streams).toHaveLength(1)
})

test('a token that the server gives is kept, one that it refuses is forgotten', async () => {
  const { signIn, upstream, store } = await stage()
  await signIn({ password: 'secret', remember: true })
  expect(upstream.stream.credentials).toMatchObject({ remember: true, token: undefined })

  upstream.stream.listener.onToken?.(TOKEN)
  await expect.poll(() => store.token()).toEqual(TOKEN)
  upstream.stream.listener.onToken?.(undefined)
  await expect.poll(() => store.token()).toBeUndefined()
})

test('what a stream says that is over does not count', async () => {
  const { signIn, upstream, session } = await stage()
  await signIn({ password: 'secret', remember: true })
  const { listener } = upstream.stream
  session.signOut()

  listener.onToken?.(TOKEN)

  expect(await signIn()).toBe('credentials-required')
})

test('where what was remembered does not do any more a password is wanted, and with one it goes on', async () => {
  const { signIn, upstream, session } = await stage(TOKEN)
  const first = signIn()
  await expect.poll(() => upstream.streams.length).toBe(1)
  await first
  upstream.stream.end('credentials-required')

  expect(session.status).toBe('refused')
  expect(await signIn({ password: 'secret' })).toBeUndefined()
})
