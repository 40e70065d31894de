import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { webSocketUpstream } from '../../src/adapters/websocket-upstream.ts'
import type { Bound, Credentials, FastToken, StreamEnd } from '../../src/broker/ports.ts'
import { installWebSocket } from '../support/fakes/scripted-server.ts'
import { deferred } from '../support/fakes/turn.ts'
import { type ChatServer, startServer } from '../support/servers/index.ts'
import { startWireProxy, type WireProxy } from '../support/wire-proxy.ts'

let takeAway = (): void => undefined
beforeAll(() => {
  takeAway = installWebSocket()
})
afterAll(() => takeAway())

/** A server whose tokens are as `extraConfig` says, and the wire before it. */
function stage(extraConfig = '') {
  let server: ChatServer
  let wire: WireProxy
  beforeAll(async () => {
    server = await startServer('prosody13', { accounts: { juliet: 'secret' }, extraConfig })
    wire = await startWireProxy({ target: server.url })
  }, 600_000)
  afterAll(async () => {
    await wire.close()
    await server.dispose()
  })

  /** Signs in, and lets go of the connection or ends the stream; with what was said about tokens until then. */
  async function signIn(words: Partial<Credentials>, how: 'close' | 'drop' = 'close') {
    const { connections } = wire.figures()
    const outcome = deferred<Bound | StreamEnd>()
    const token = deferred<FastToken | undefined>()
    const tokens: (FastToken | undefined)[] = []
    const stream = webSocketUpstream().connect(
      { account: 'juliet@localhost', service: [wire.url], allowPlain: false, ...words },
      {
        onOnline: outcome.resolve,
        onStanza: () => undefined,
        onToken(given) {
          tokens.push(given)
          token.resolve(given)
        },
        onEnd: outcome.resolve,
      },
    )
    const came = await outcome.promise
    // Those of an earlier connection may still come.
    const said = wire.frames.all.filter(({ connection }) => connection > connections)
    const frames = said.map(({ dir, text }) => `${dir} ${/^<([\w:]+)/.exec(text)?.[1]}`)
    const text = said
      .filter(({ dir }) => dir === 'up')
      .map(({ text }) => text)
      .join('\n')
    return { came, frames, text, token: token.promise, tokens, end: () => stream[how]() }
  }

  /** The first token of the account. */
  async function remembered(): Promise<FastToken> {
    const first = await signIn({ password: 'secret', remember: true })
    const token = await first.token
    first.end()
    if (!token) throw new Error('no token is given')
    return token
  }

  return { signIn, remembered, wire: () => wire }
}

describe('a sign-in by SASL2', () => {
  const { signIn, remembered, wire } = stage()

  test('proves the password and has a session in two steps, which can be resumed', async () => {
    const { came, frames, text, tokens, end } = await signIn({ password: 'secret' })
    end()

    expect(came).toMatchObject({
      session: 'new',
      mechanism: 'SCRAM-SHA-256',
      managed: { id: expect.any(String) },
      fullJid: expect.stringMatching(/^juliet@localhost\/web-/),
      carbons: true,
    })
    expect(frames.filter((each) => each.startsWith('up'))).toEqual(['up open', 'up authenticate', 'up response'])
    expect(text).not.toMatch(/user-agent|request-token/)
    expect(tokens).toEqual([])
  })

  test('with a wrong password is refused', async () => {
    expect((await signIn({ password: 'wrong' })).came).toMatchObject({ cause: 'not-authorized' })
  })

  test('is one by SASL where the server does not offer it', async () => {
    const off = wire().rule(({ dir, text }) =>
      dir === 'down' ? { replace: text.replace(/<authentication\b.*<\/authentication>/, '') } : 'pass',
    )
    const { came, frames, end } = await signIn({ password: 'secret', remember: true })
    end()
    off()

    expect(came).toMatchObject({ mechanism: 'SCRAM-SHA-256', managed: { id: expect.any(String) } })
    expect(frames.filter((each) => each.startsWith('up'))).toEqual(
      ['open', 'auth', 'response', 'open', 'iq', 'enable'].map((name) => `up ${name}`),
    )
  })

  test('goes on with the session before, in two steps without a token, all of it said at once', async () => {
    const first = await signIn({ password: 'secret' }, 'drop')
    const before = first.came as Bound // sound: else the next line fails
    first.end()
    const resume = { ...before, id: before.managed?.id ?? '', taken: 0 }
    const { came, frames, end } = await signIn({ password: 'secret', resume })
    end()

    expect(came).toMatchObject({ session: 'resumed', fullJid: before.fullJid, handled: 0, mechanism: 'SCRAM-SHA-256' })
    expect(frames.slice(0, 2)).toEqual(['up open', 'up authenticate'])
    expect(frames.filter((each) => each.startsWith('up'))).toEqual(['up open', 'up authenticate', 'up response'])
  })

  test('has a new session where the one before is gone', async () => {
    const resume = { id: 'nobody', fullJid: 'juliet@localhost/web-1', taken: 0 }
    const { came, end } = await signIn({ password: 'secret', resume })
    end()

    expect(came).toMatchObject({ session: 'new', managed: { id: expect.any(String) } })
  })

  test('gives a token where one is asked for, and with it a session is one step', async () => {
    const token = await remembered()
    const { came, frames, text, end } = await signIn({ token })
    end()

    expect(token).toMatchObject({ mechanism: 'HT-SHA-256-NONE', count: 1, expiresMs: expect.any(Number) })
    expect(came).toMatchObject({ session: 'new', managed: { id: expect.any(String) } })
    expect(frames.slice(0, 3)).toEqual(['up open', 'up authenticate', 'down open'])
    expect(frames.filter((each) => each.startsWith('up'))).toHaveLength(2)
    expect(text).toContain('count="1"')
  })

  test('by a token goes on with the session before, in one step', async () => {
    const first = await signIn({ password: 'secret', remember: true }, 'drop')
    const token = await first.token
    const before = first.came as Bound // sound: else the next lines fail
    first.end()
    const resume = { ...before, id: before.managed?.id ?? '', taken: 0 }
    const { came, frames, end } = await signIn({ token, resume })
    end()

    // What a password is proved by is not forgotten over it.
    expect(came).toMatchObject({ session: 'resumed', fullJid: before.fullJid, mechanism: 'SCRAM-SHA-256' })
    expect(frames.filter((each) => each.startsWith('up'))).toEqual(['up open', 'up authenticate'])
  })

  test('by a token that is of another browser is refused, and a password is wanted', async () => {
    const token = { ...(await remembered()), agent: 'another' }
    const { came, tokens } = await signIn({ token })

    expect(came).toMatchObject({ cause: 'credentials-required' })
    expect(tokens).toEqual([undefined])
  })

  test('by such a token is by the password where there is one', async () => {
    const token = { ...(await remembered()), agent: 'another' }
    const { came, tokens, end } = await signIn({ token, password: 'secret' })
    end()

    expect(came).toMatchObject({ session: 'new', mechanism: 'SCRAM-SHA-256' })
    expect(tokens).toEqual([undefined])
  })

  test('by a token whose seal was broken is by the password', async () => {
    const token = await remembered()
    const { came, tokens, text, end } = await signIn({ token: { ...token, sealed: 'nothing' }, password: 'secret' })
    end()

    expect(came).toMatchObject({ session: 'new', mechanism: 'SCRAM-SHA-256' })
    expect(tokens).toEqual([undefined])
    expect(text).not.toContain('HT-SHA')
  })
})

describe('a token that has expired', () => {
  const { signIn, remembered } = stage('sasl2_fast_token_ttl = -1')

  test('is forgotten, and the password is used', async () => {
    const { came, tokens, end } = await signIn({ token: await remembered(), password: 'secret' })
    end()

    expect(came).toMatchObject({ session: 'new', mechanism: 'SCRAM-SHA-256' })
    expect(tokens).toEqual([undefined])
  })

  test('is not enough by itself', async () => {
    const { came } = await signIn({ token: await remembered() })

    expect(came).toMatchObject({ cause: 'credentials-required', text: expect.stringContaining('credentials-expired') })
  })
})

describe('a token that is rotated', () => {
  const { signIn, remembered } = stage('sasl2_fast_token_min_ttl = -1')

  test('is replaced by another one, and is worth nothing once that was used', async () => {
    const old = await remembered()
    const first = await signIn({ token: old })
    const fresh = await first.token
    first.end()
    const second = await signIn({ token: fresh })
    const third = await second.token
    second.end()

    expect(first.came).toMatchObject({ session: 'new' })
    expect(second.came).toMatchObject({ session: 'new' })
    expect(fresh?.agent).toBe(old.agent)
    expect(third).toBeDefined()
    expect((await signIn({ token: old })).came).toMatchObject({ cause: 'credentials-required' })
  })
})
