import { createHmac } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import { type Sealed, seal } from '../../src/adapters/web-crypto.ts'
import type { FastToken } from '../../src/broker/ports.ts'
import type { XmlNode } from '../../src/protocol/xml.ts'
import { childText } from '../../src/protocol/xml.ts'
import { scramServer } from '../support/fakes/scram-server.ts'
import { scriptedStage } from './scripted-stage.ts'

const NS = 'urn:xmpp:sasl:2'
const NS_SASL = 'urn:ietf:params:xml:ns:xmpp-sasl'
const SECRET = 'secret-token:of-the-test'
const BOUND = "<bound xmlns='urn:xmpp:bind:0'><enabled xmlns='urn:xmpp:sm:3' id='s2' resume='true'/></bound>"
const WHO = '<authorization-identifier>juliet@localhost/web-1~x</authorization-identifier>'
const INLINE = { resumes: true, features: ['urn:xmpp:sm:3', 'urn:xmpp:csi:0'], tokens: ['HT-SHA-256-NONE'] }
const RESUME = { id: 's1', fullJid: 'juliet@localhost/web-1', taken: 3 }
const { serve, connect } = scriptedStage()

const offer = (mechanisms: readonly string[], tokens = '<mechanism>HT-SHA-256-NONE</mechanism>'): string =>
  `<authentication xmlns='${NS}'>${mechanisms.map((each) => `<mechanism>${each}</mechanism>`).join('')}<inline><bind xmlns='urn:xmpp:bind:0'><inline><feature var='urn:xmpp:sm:3'/><feature var='urn:xmpp:csi:0'/></inline></bind><sm xmlns='urn:xmpp:sm:3'/><fast xmlns='urn:xmpp:fast:0'>${tokens}</fast></inline></authentication>`
const success = (inside: string, said = ''): string =>
  `<success xmlns='${NS}'>${said && `<additional-data>${said}</additional-data>`}${inside}</success>`
const failure = (condition: string): string => `<failure xmlns='${NS}'><${condition} xmlns='${NS_SASL}'/></failure>`
const namesOf = (received: readonly string[]): string[] => received.map((frame) => /^<(\w+)/.exec(frame)?.[1] ?? '')
const authentications = (received: readonly string[]): string[] =>
  received.filter((frame) => frame.startsWith('<authenticate'))

/** SCRAM in the words of SASL2; `inside` is what the success brings besides. */
function scram2(inside: string, options: Parameters<typeof scramServer>[0] = {}) {
  return () => {
    const good = scramServer(options)
    return (word: XmlNode): string => {
      const text = word.name === 'authenticate' ? childText(word, NS, 'initial-response') : word.children.join('')
      const name = word.name === 'authenticate' ? 'auth' : word.name
      const answer = good({ ...word, name, children: [text ?? ''] })
      const said = /<success[^>]*>([^<]*)</.exec(answer)?.[1]
      return said === undefined ? answer.replace(NS_SASL, NS) : success(inside, said)
    }
  }
}

const responder = (secret = SECRET): string => createHmac('sha256', secret).update('Responder').digest('base64')
const initiator = Buffer.concat([
  Buffer.from('juliet\0'),
  createHmac('sha256', SECRET).update('Initiator').digest(),
]).toString('base64')

const token = async (): Promise<FastToken> => ({
  agent: 'a1',
  mechanism: 'HT-SHA-256-NONE',
  sealed: await seal(SECRET),
  expiresMs: undefined,
  count: 7,
  inline: INLINE,
})

describe('a sign-in by SASL2', () => {
  test('has its session with the success, and says no more', async () => {
    const server = await serve({ offers: offer(['SCRAM-SHA-256']), onSasl2: scram2(BOUND + WHO) })

    expect(await connect().bound).toEqual({
      fullJid: 'juliet@localhost/web-1~x',
      session: 'new',
      handled: undefined,
      managed: { id: 's2' },
      mechanism: 'SCRAM-SHA-256',
      inline: INLINE,
      clientState: true,
      inactive: false,
      carbons: false,
    })
    expect(namesOf(server.received)).toEqual(['open', 'authenticate', 'response'])
  })

  test('goes on with the session before, in the same words', async () => {
    const resumed = "<resumed xmlns='urn:xmpp:sm:3' h='5' previd='s1'/>"
    const server = await serve({ offers: offer(['SCRAM-SHA-256']), onSasl2: scram2(resumed + WHO) })

    expect(await connect({ resume: RESUME }).bound).toMatchObject({
      session: 'resumed',
      fullJid: RESUME.fullJid,
      handled: 5,
      managed: { id: 's1' },
    })
    expect(authentications(server.received).join()).toMatch(/<resume [^>]*previd="s1"/)
  })

  test('has a new one where the one before is gone, and hears what was handled of it', async () => {
    const failed = "<failed xmlns='urn:xmpp:sm:3' h='4'/>"
    await serve({ offers: offer(['SCRAM-SHA-256']), onSasl2: scram2(failed + BOUND + WHO) })

    expect(await connect({ resume: RESUME }).bound).toMatchObject({ session: 'new', handled: 4 })
  })

  test('binds behind the success where that brought no session', async () => {
    const server = await serve({ offers: offer(['SCRAM-SHA-256']), onSasl2: scram2(WHO) })
    const { bound } = connect()
    await vi.waitFor(() => expect(namesOf(server.received)).toContain('response'))
    server.send(
      "<stream:features xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>",
    )

    expect(await bound).toMatchObject({ session: 'new', managed: undefined })
    expect(namesOf(server.received)).toEqual(['open', 'authenticate', 'response', 'iq'])
  })

  test('is one by SASL where the server binds nothing within', async () => {
    const bare = `<authentication xmlns='${NS}'><mechanism>SCRAM-SHA-256</mechanism></authentication>`
    const server = await serve({ mechanisms: ['SCRAM-SHA-256'], offers: bare, onSasl: () => scramServer() })
    await connect().bound

    expect(namesOf(server.received)).toEqual(['open', 'auth', 'response', 'open', 'iq'])
  })

  test('says that nobody looks, where the server can use that', async () => {
    const server = await serve({ offers: offer(['SCRAM-SHA-256']), onSasl2: scram2(BOUND + WHO) })
    expect(await connect({ inactive: true }).bound).toMatchObject({ clientState: true, inactive: true })

    expect(authentications(server.received).join()).toContain('<inactive xmlns="urn:xmpp:csi:0"/>')
  })

  test('does not go below the mechanism of before', async () => {
    const server = await serve({ offers: offer(['SCRAM-SHA-1']), onSasl2: scram2(BOUND + WHO) })
    const end = await connect({ strongest: 'SCRAM-SHA-256' }).ended

    expect(end).toMatchObject({ cause: 'not-authorized', text: expect.stringContaining('SCRAM-SHA-256 before') })
    expect(authentications(server.received)).toEqual([])
  })

  test('is begun without waiting where the session before has shown what there is', async () => {
    const server = await serve({ silent: true })
    connect({ resume: { ...RESUME, mechanism: 'SCRAM-SHA-256', inline: INLINE } })

    await vi.waitFor(() => expect(namesOf(server.received)).toEqual(['open', 'authenticate']))
  })

  test('that was begun so is begun in order where the server has no SASL2 any more', async () => {
    const server = await serve({
      mechanisms: ['SCRAM-SHA-256'],
      onSasl: () => scramServer(),
      onSasl2: () => () => failure('malformed-request'),
    })
    const { bound } = connect({ resume: { ...RESUME, mechanism: 'SCRAM-SHA-256', inline: INLINE } })

    expect(await bound).toMatchObject({ session: 'new' })
    expect(server.connections()).toBe(2)
  })
})

describe('a server that answers wrongly', () => {
  const bad = "<bound xmlns='urn:xmpp:bind:0'/>"
  const conflict =
    "<failed xmlns='urn:xmpp:bind:0'><error type='cancel'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></failed>"

  test.each([
    [
      'a signature that is not of the password',
      scram2(BOUND + WHO, { success: () => 'v=AAAA' }),
      'its signature is wrong',
    ],
    ['no signature', scram2(BOUND + WHO, { success: () => '' }), 'has not proved'],
    ['a success before there is a proof', () => () => success(BOUND + WHO), 'before it has seen a proof'],
    ['an endless challenge', () => () => `<challenge xmlns='${NS}'>***</challenge>`, 'base64'],
    ['more to do than to sign in', () => () => `<continue xmlns='${NS}'/>`, 'asks for more'],
    ['words of the other SASL', () => () => `<success xmlns='${NS_SASL}'/>`, 'where nobody asked'],
  ])('%s', async (_what, onSasl2, reason) => {
    await serve({ offers: offer(['SCRAM-SHA-256']), onSasl2 })
    const { ended, tokens } = connect({ remember: true })

    expect(await ended).toMatchObject({ cause: 'not-authorized', text: expect.stringContaining(reason) })
    expect(tokens).toEqual([])
  })

  test.each([
    ['a session that nobody asked for', "<resumed xmlns='urn:xmpp:sm:3' h='0' previd='s1'/>", 'nobody asked'],
    ['a session of nobody', bad, 'as whom'],
    ['no session', conflict, 'conflict'],
  ])('with %s', async (_what, inside, reason) => {
    await serve({ offers: offer(['SCRAM-SHA-256']), onSasl2: scram2(inside) })

    expect(await connect().ended).toMatchObject({ cause: 'policy', text: expect.stringContaining(reason) })
  })

  test('words of SASL2 where SASL is spoken', async () => {
    await serve({ mechanisms: ['SCRAM-SHA-256'], onSasl: () => () => success(BOUND + WHO) })

    expect((await connect().ended).text).toContain('where nobody asked')
  })
})

describe('a token', () => {
  const given = "<token xmlns='urn:xmpp:fast:0' token='secret-token:new' expiry='2099-01-01T00:00:00Z'/>"

  test('is asked for where the account is to be remembered, and nobody sees it', async () => {
    const server = await serve({ offers: offer(['SCRAM-SHA-256']), onSasl2: scram2(BOUND + given + WHO) })
    const { bound, tokens } = connect({ remember: true })
    await bound
    await vi.waitFor(() => expect(tokens).toHaveLength(1))

    expect(authentications(server.received).join()).toMatch(/<request-token [^>]*mechanism="HT-SHA-256-NONE"/)
    expect(tokens[0]).toMatchObject({
      mechanism: 'HT-SHA-256-NONE',
      count: 1,
      expiresMs: Date.UTC(2099, 0, 1),
      inline: INLINE,
    })
    const sealed = tokens[0]?.sealed as Sealed | undefined // sound: else the next lines fail
    expect(sealed?.key).toMatchObject({ extractable: false, usages: ['encrypt', 'unwrapKey'] })
    expect(Buffer.from(sealed?.bytes ?? new ArrayBuffer(0)).toString('latin1')).not.toContain('secret-token')
  })

  test('is not asked for unless, and one that comes all the same is not kept', async () => {
    const server = await serve({ offers: offer(['SCRAM-SHA-256']), onSasl2: scram2(BOUND + given + WHO) })
    const { bound, tokens } = connect()
    await bound

    expect(authentications(server.received).join()).not.toMatch(/request-token|user-agent/)
    expect(tokens).toEqual([])
  })

  test('of a kind that is bound to the channel is not asked for', async () => {
    const bound = offer(['SCRAM-SHA-256'], '<mechanism>HT-SHA-256-EXPR</mechanism>')
    const server = await serve({ offers: bound, onSasl2: scram2(BOUND + WHO) })
    await connect({ remember: true }).bound

    expect(authentications(server.received).join()).not.toContain('request-token')
  })

  test('signs in at once, with the number of its use, and the secret does not cross', async () => {
    const server = await serve({ onSasl2: () => () => success(BOUND + WHO, responder()) })
    const { bound } = connect({ password: undefined, token: await token() })

    expect(await bound).toMatchObject({ session: 'new', mechanism: undefined })
    expect(namesOf(server.received)).toEqual(['open', 'authenticate'])
    const [said = ''] = authentications(server.received)
    expect(said).toContain(`<initial-response>${initiator}</initial-response>`)
    expect(said).toContain('<user-agent id="a1">')
    expect(said).toContain('<fast xmlns="urn:xmpp:fast:0" count="7"/>')
    expect(said).not.toContain('secret-token')
  })

  test('is followed by the one that the server gives in its place', async () => {
    await serve({ onSasl2: () => () => success(BOUND + given + WHO, responder()) })
    const { bound, tokens } = connect({ password: undefined, token: await token() })
    await bound

    await vi.waitFor(() => expect(tokens).toEqual([expect.objectContaining({ agent: 'a1', count: 1 })]))
  })

  test.each([
    ['nothing', ''],
    ['the signature of another token', responder('another')],
    ['our own words', initiator],
  ])('is not believed to a server that proves it by %s, and is not given up', async (_what, said) => {
    await serve({ offers: offer(['SCRAM-SHA-256']), onSasl2: () => () => success(BOUND + given + WHO, said) })
    const { ended, tokens } = connect({ password: undefined, token: await token() })

    expect(await ended).toMatchObject({ cause: 'not-authorized', text: expect.stringContaining('signature is wrong') })
    expect(tokens).toEqual([])
  })

  test('that is refused is given up, and a password is wanted', async () => {
    const server = await serve({ onSasl2: () => () => failure('not-authorized') })
    const { ended, tokens } = connect({ password: undefined, token: await token() })

    expect(await ended).toMatchObject({ cause: 'credentials-required' })
    expect(tokens).toEqual([undefined])
    expect(server.connections()).toBe(1)
  })

  test('that is refused is given up, and the password is used where there is one', async () => {
    const byPassword = scram2(BOUND + WHO)
    const onSasl2 = () => {
      const good = byPassword()
      return (word: XmlNode): string =>
        word.attrs['mechanism'] === 'HT-SHA-256-NONE' ? failure('credentials-expired') : good(word)
    }
    await serve({ offers: offer(['SCRAM-SHA-256']), onSasl2 })
    const { bound, tokens } = connect({ token: await token() })

    expect(await bound).toMatchObject({ session: 'new', mechanism: 'SCRAM-SHA-256' })
    expect(tokens).toEqual([undefined])
  })

  test('that a server cannot look at now is kept', async () => {
    await serve({ onSasl2: () => () => failure('temporary-auth-failure'), offers: offer(['SCRAM-SHA-256']) })
    const { ended, tokens } = connect({ password: undefined, token: await token() })

    expect(await ended).toMatchObject({ cause: 'closed' })
    expect(tokens).toEqual([])
  })

  test('is used again in order, with another number, where nobody answered in a hurry', async () => {
    let connections = 0
    const server = await serve({
      offers: offer(['SCRAM-SHA-256']),
      onSasl2() {
        const first = connections++ === 0
        return () => (first ? '<nonsense' : success(BOUND + WHO, responder()))
      },
    })
    await connect({ password: undefined, token: await token() }).bound

    expect(authentications(server.received).map((each) => /count="(\d+)"/.exec(each)?.[1])).toEqual(['7', '8'])
  })

  test('where the server takes none any more is not given up, and a password is wanted', async () => {
    await serve({ mechanisms: ['SCRAM-SHA-256'] })
    const { ended, tokens } = connect({
      password: undefined,
      token: { ...(await token()), inline: { ...INLINE, tokens: [] } },
    })

    expect(await ended).toMatchObject({ cause: 'credentials-required' })
    expect(tokens).toEqual([])
  })
})
