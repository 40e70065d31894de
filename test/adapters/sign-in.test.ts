import { describe, expect, test, vi } from 'vitest'
import type { Credentials } from '../../src/broker/ports.ts'
import { type ScramServerOptions, scramServer } from '../support/fakes/scram-server.ts'
import { saslFailure } from '../support/fakes/scripted-server.ts'
import { turns } from '../support/fakes/turn.ts'
import { FAR_AWAY, scriptedStage } from './scripted-stage.ts'

const NS_SASL = 'urn:ietf:params:xml:ns:xmpp-sasl'
const SCRAM = ['SCRAM-SHA-512', 'SCRAM-SHA-256', 'SCRAM-SHA-1'] as const
const { serve, connect } = scriptedStage()

const serveScram = (options: ScramServerOptions = {}) =>
  serve({ mechanisms: ['PLAIN', options.mechanism ?? 'SCRAM-SHA-256'], onSasl: () => scramServer(options) })

const saslWords = (received: readonly string[]): string[] => received.filter((frame) => frame.includes(NS_SASL))

describe('a sign-in by SCRAM', () => {
  test.each(SCRAM)('%s proves the password and does not tell it, even on this machine', async (mechanism) => {
    const server = await serveScram({ mechanism })
    const { bound } = connect()

    expect(await bound).toMatchObject({ fullJid: expect.stringMatching(/^juliet@localhost\/web-/), mechanism })
    const words = saslWords(server.received)
    expect(words).toHaveLength(2)
    expect(words.map((word) => Buffer.from(word.replace(/<[^>]*>/g, ''), 'base64').toString()).join()).not.toContain(
      'secret',
    )
  })

  test('works for another machine without any permission', async () => {
    await serveScram()

    expect(await connect({ service: [FAR_AWAY] }).bound).toMatchObject({ mechanism: 'SCRAM-SHA-256' })
  })

  test('takes the strongest that is offered', async () => {
    const sasl = () => scramServer({ mechanism: 'SCRAM-SHA-512' })
    await serve({ mechanisms: ['PLAIN', 'SCRAM-SHA-1', 'SCRAM-SHA-512', 'SCRAM-SHA-256'], onSasl: sasl })

    expect((await connect().bound).mechanism).toBe('SCRAM-SHA-512')
  })

  test.each([
    ['in another script', 'пароль パスワード', 'пароль パスワード'],
    ['with what SASLprep changes', 'I\u00adX \ufb01sh', 'IX fish'],
    ['that is not normalised', 'cafe\u0301', 'caf\u00e9'],
  ])('prepares a password %s', async (_what, password, prepared) => {
    await serveScram({ password: prepared })

    expect((await connect({ password }).bound).mechanism).toBe('SCRAM-SHA-256')
  })

  test('takes a name with what SCRAM writes otherwise', async () => {
    await serveScram()

    expect((await connect({ account: 'a=b,c@localhost' }).bound).mechanism).toBe('SCRAM-SHA-256')
  })

  test('with a wrong password is refused by the server', async () => {
    await serveScram()

    const end = await connect({ password: 'wrong' }).ended

    expect(end).toMatchObject({ cause: 'not-authorized', text: expect.stringContaining('not-authorized') })
  })

  test.each([
    ['password', { password: 'a\u0007b' }],
    ['name', { account: 'a\ue000b@localhost' }],
  ])('does not begin with a %s that no server can have', async (what, words) => {
    const server = await serveScram()

    const end = await connect(words).ended

    expect(end).toMatchObject({ cause: 'not-authorized', text: expect.stringContaining(`the ${what} holds`) })
    expect(saslWords(server.received)).toEqual([])
  })

  test('uses another nonce each time', async () => {
    const nonces: string[] = []
    const nonce = (ours: string): string => {
      nonces.push(ours)
      return `${ours}theirs`
    }
    await serveScram({ nonce })

    await connect().signedIn
    await connect().signedIn

    expect(new Set(nonces).size).toBe(2)
  })
})

describe('a server that goes wrong in the sign-in is refused, and its next address is not tried:', () => {
  const WRONG: [string, ScramServerOptions, string][] = [
    ['a wrong signature', { success: () => `v=${Buffer.alloc(32).toString('base64')}` }, 'signature is wrong'],
    ['no signature', { success: () => undefined }, 'not proved'],
    ['an error in the place of the signature', { success: () => 'e=other-error' }, 'not proved'],
    ['a signature that is no base64', { success: () => 'v=*' }, 'not proved'],
    ['too few iterations', { iterations: 4095 }, '4095 iterations'],
    ['too many iterations', { iterations: 10_000_001 }, '10000001 iterations'],
    ['a count that is none', { iterations: 'many' }, 'none of SCRAM'],
    ['a nonce that is not ours', { nonce: () => 'theirs' }, 'nonce'],
    ['our nonce alone', { nonce: (ours) => ours }, 'nonce'],
    ['an extension that must be understood', { challenge: (good) => `m=x,${good}` }, 'none of SCRAM'],
    ['an empty challenge', { challenge: () => '' }, 'none of SCRAM'],
  ]

  test.each(WRONG)('%s', async (_what, options, reason) => {
    await serveScram(options)
    const second = await serve()
    const end = await connect().ended

    expect(end).toMatchObject({ cause: 'not-authorized', text: expect.stringContaining(reason) })
    expect(second.received).toEqual([])
  })

  test('a wrong signature is not answered: no session is begun', async () => {
    const server = await serveScram({ success: () => 'v=AAAA' })
    await connect().ended
    await turns(5)

    expect(server.received.filter((frame) => frame.includes('<open'))).toHaveLength(1)
  })

  const say = (inside: string): string => `<${inside} xmlns='${NS_SASL}'/>`
  const text = (name: string, what: string): string => `<${name} xmlns='${NS_SASL}'>${what}</${name}>`
  const CHALLENGE_OF_NOBODY = text('challenge', Buffer.from('hello').toString('base64'))

  test.each([
    ['a success before there is a proof', ['SCRAM-SHA-256'], say('success'), 'before it has seen a proof'],
    ['a success with a signature of nothing', ['SCRAM-SHA-256'], text('success', 'dj1BQUFB'), 'before'],
    ['a challenge that is no base64', ['SCRAM-SHA-256'], text('challenge', '***'), 'base64'],
    ['a challenge that is no text', ['SCRAM-SHA-256'], text('challenge', '/w=='), 'base64'],
    ['a success that is no base64', ['SCRAM-SHA-256'], text('success', '***'), 'base64'],
    ['a challenge for PLAIN', ['PLAIN'], CHALLENGE_OF_NOBODY, 'asks for more'],
    ['an empty challenge for PLAIN', ['PLAIN'], say('challenge'), 'asks for more'],
  ])('%s', async (_what, mechanisms, answer, reason) => {
    await serve({ mechanisms, onSasl: () => () => answer })

    const end = await connect().ended

    expect(end).toMatchObject({ cause: 'not-authorized', text: expect.stringContaining(reason) })
  })

  test('a second challenge', async () => {
    const onSasl = () => {
      const good = scramServer()
      let challenge = ''
      return (word: Parameters<typeof good>[0]): string => {
        challenge ||= good(word)
        return challenge
      }
    }
    await serve({ mechanisms: ['SCRAM-SHA-256'], onSasl })

    expect((await connect().ended).text).toContain('a second time')
  })

  test.each(['challenge', 'success', 'failure'])('a %s that nobody asked for', async (name) => {
    const server = await serve({ onOpen: () => say(name) })
    const end = await connect().ended

    expect(end).toMatchObject({ cause: 'not-authorized', text: expect.stringContaining(`says ${name} where nobody`) })
    expect(saslWords(server.received)).toEqual([])
  })

  test('a success behind the sign-in', async () => {
    const server = await serve()
    const { ended } = connect()
    while (!server.received.some((frame) => frame.includes('<auth'))) await turns()
    server.send(say('success'))

    expect((await ended).cause).toBe('not-authorized')
  })

  test('and its connection is let go of', async () => {
    const server = await serveScram({ success: () => 'v=AAAA' })
    await connect().ended

    while (server.open() > 0) await turns()
  })

  test('nothing that is known is offered', async () => {
    const server = await serve({ mechanisms: ['DIGEST-MD5', 'GSSAPI'] })
    const end = await connect().ended

    expect(end).toMatchObject({ cause: 'not-authorized', text: expect.stringContaining('DIGEST-MD5, GSSAPI') })
    expect(saslWords(server.received)).toEqual([])
  })
})

describe('a failure', () => {
  test.each([
    ['aborted', 'closed'],
    ['account-disabled', 'not-authorized'],
    ['credentials-expired', 'not-authorized'],
    ['encryption-required', 'not-authorized'],
    ['incorrect-encoding', 'not-authorized'],
    ['invalid-authzid', 'not-authorized'],
    ['invalid-mechanism', 'not-authorized'],
    ['malformed-request', 'not-authorized'],
    ['mechanism-too-weak', 'not-authorized'],
    ['not-authorized', 'not-authorized'],
    ['temporary-auth-failure', 'closed'],
  ])('with %s, behind SCRAM begun, ends as %s', async (condition, cause) => {
    await serve({ mechanisms: ['SCRAM-SHA-256'], onSasl: () => () => saslFailure(condition) })

    expect(await connect().ended).toMatchObject({ cause, text: expect.stringContaining(condition) })
  })
})

describe('a server that offers less than before', () => {
  const before = { strongest: 'SCRAM-SHA-512' } satisfies Partial<Credentials>

  test('is not signed in to, and is not told anything', async () => {
    const server = await serveScram()
    const end = await connect(before).ended

    expect(end).toMatchObject({ cause: 'not-authorized', text: expect.stringContaining('SCRAM-SHA-512 before') })
    expect(saslWords(server.received)).toEqual([])
  })

  test('does not get the password as it is, even on this machine', async () => {
    const server = await serve({ mechanisms: ['PLAIN'] })
    await connect({ strongest: 'SCRAM-SHA-1' }).ended

    expect(saslWords(server.received)).toEqual([])
  })

  test('is signed in to where that is allowed, and what is used is told', async () => {
    await serveScram()

    expect((await connect({ ...before, allowDowngrade: true }).bound).mechanism).toBe('SCRAM-SHA-256')
  })

  test('is one that offers more, too: that is taken', async () => {
    await serveScram({ mechanism: 'SCRAM-SHA-512' })

    expect((await connect({ strongest: 'SCRAM-SHA-1' }).bound).mechanism).toBe('SCRAM-SHA-512')
  })
})

test('without an account it is ANONYMOUS, and no name or password is sent', async () => {
  const server = await serve({ mechanisms: ['ANONYMOUS', 'PLAIN'] })
  const { bound } = connect({ account: 'localhost', service: [FAR_AWAY], password: '' })

  expect((await bound).mechanism).toBe('ANONYMOUS')
  expect(saslWords(server.received)).toEqual([`<auth xmlns="${NS_SASL}" mechanism="ANONYMOUS">=</auth>`])
})

test('from the open connection to the session there is no more to and fro than must be', async () => {
  const server = await serveScram()
  await connect().signedIn

  expect(server.received.map((frame) => /\w+/.exec(frame)?.[0])).toEqual(['open', 'auth', 'response', 'open', 'iq'])
})

describe('time', () => {
  test('a server that stops in the middle of a sign-in is given up after 10 seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const server = await serve({ onOpen: () => "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>" })
    const { ended } = connect()
    while (server.received.length === 0) await turns()
    await turns(5)

    await vi.advanceTimersByTimeAsync(10_000)

    expect(await ended).toMatchObject({ cause: 'unreachable', text: expect.stringContaining('10000 ms') })
  })

  test('one that goes on and on is given up after 15', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const open = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>"
    const server = await serve({ onOpen: () => open })
    const { ended, upstream } = connect()
    while (server.received.length === 0) await turns()

    await vi.advanceTimersByTimeAsync(8_000)
    const { framesIn } = upstream.figures()
    server.send(open)
    while (upstream.figures().framesIn === framesIn) await turns()
    await vi.advanceTimersByTimeAsync(7_000)

    expect(await ended).toMatchObject({ cause: 'unreachable', text: expect.stringContaining('15000 ms') })
  })
})
