import { describe, expect, test, vi } from 'vitest'
import { webSocketUpstream } from '../../src/adapters/websocket-upstream.ts'
import type { StreamEnd } from '../../src/broker/ports.ts'
import { saslFailure } from '../support/fakes/scripted-server.ts'
import { turns } from '../support/fakes/turn.ts'
import { FAR_AWAY, scriptedStage } from './scripted-stage.ts'

// Against a real server it keeps the contract of `Upstream`: test/support-tests/websocket-upstream.test.ts.

test('without an address the listener hears of the end, and not before connect has returned', async () => {
  const heard: string[] = []
  const end = await new Promise<StreamEnd>((resolve) => {
    const credentials = { account: 'juliet@capulet.example', service: [], password: 'secret', allowPlain: false }
    webSocketUpstream().connect(credentials, {
      onOnline: () => undefined,
      onStanza: () => undefined,
      onEnd: (why) => {
        heard.push('end')
        resolve(why)
      },
    })
    heard.push('connect has returned')
  })

  expect(end.cause).toBe('unreachable')
  expect(heard).toEqual(['connect has returned', 'end'])
})

test('before anything has happened nothing is counted', () => {
  expect(webSocketUpstream().figures()).toEqual({ connections: 0, framesIn: 0, framesOut: 0, bytesIn: 0, bytesOut: 0 })
})

describe('against a server that does what real ones seldom do', () => {
  const { serve, connect } = scriptedStage()

  test('a frame that is no XML ends the stream: a parser that is stuck would be deaf in silence', async () => {
    const server = await serve()
    const { signedIn, ended } = connect()
    await signedIn

    server.send('<message><body>cut o')

    expect(await ended).toMatchObject({ cause: 'malformed' })
  })

  test('the text of a frame that is no XML is not in the log', async () => {
    const server = await serve()
    const { signedIn, ended } = connect()
    await signedIn

    server.send('<message><body>for your eyes only')

    expect((await ended).text).not.toContain('eyes')
  })

  test('a stanza that a parser might choke on is given on, and those behind it', async () => {
    const server = await serve()
    const { signedIn, ended, heard } = connect()
    await signedIn

    server.send("<message xmlns='jabber:client' from='@/x'><body>poison</body></message>")
    server.send("<presence xmlns='jabber:client'/>")
    server.send("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>")
    await ended

    expect(heard).toEqual(['message', 'presence'])
  })

  test.each([
    ["<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>", 'closed'],
    [
      "<stream:error xmlns:stream='http://etherx.jabber.org/streams'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
      'conflict',
    ],
    [
      "<stream:error xmlns:stream='http://etherx.jabber.org/streams'><system-shutdown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
      'closed',
    ],
    // As Prosody 13 writes it.
    ["<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>", 'conflict'],
  ])('%s ends the stream as %s', async (frame, cause) => {
    const server = await serve()
    const { signedIn, ended } = connect()
    await signedIn

    server.send(frame)

    expect(await ended).toMatchObject({ cause })
  })

  test('nothing is heard behind the end', async () => {
    const server = await serve()
    const { signedIn, ended, heard } = connect()
    await signedIn

    server.send("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>")
    server.send("<message xmlns='jabber:client'/>")
    await ended
    await turns(5)

    expect(heard).toEqual([])
  })

  test.each([
    ['not-authorized', 'not-authorized'],
    ['account-disabled', 'not-authorized'],
    ['temporary-auth-failure', 'closed'],
  ])('a sign-in that fails with %s ends as %s, and no other address is tried', async (condition, cause) => {
    await serve({ onAuth: () => saslFailure(condition) })
    const second = await serve()
    const { ended } = connect()

    expect(await ended).toMatchObject({ cause })
    expect(second.received).toEqual([])
  })

  test('a connection that breaks off during the sign-in is unreachable, and the next address is tried', async () => {
    const first = await serve({
      onAuth() {
        first.cut()
        return ''
      },
    })
    await serve()
    const { signedIn } = connect()

    expect(await signedIn).toMatch(/^juliet@localhost\/web-/)
  })

  test('a password is not sent in the clear to another machine', async () => {
    const server = await serve()
    const { ended } = connect({ service: [FAR_AWAY] })

    await ended

    expect(server.received.join()).not.toContain('<auth')
  })

  test('a password is sent in the clear where the app allows it', async () => {
    const server = await serve()
    const { signedIn } = connect({ service: [FAR_AWAY], allowPlain: true })

    await signedIn

    expect(server.received.join()).toContain('PLAIN')
  })

  test('a password in any script arrives as it was given', async () => {
    const passwords: string[] = []
    await serve({
      onAuth(password) {
        passwords.push(password)
        return saslFailure('not-authorized')
      },
    })

    await connect({ password: 'pässwörd пароль 🔑' }).ended

    expect(passwords).toEqual(['pässwörd пароль 🔑'])
  })

  test('a server that accepts and says nothing is given up after 15 seconds, and the next address is tried', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const silent = await serve({ silent: true })
    await serve()
    const { signedIn } = connect()
    while (silent.received.length === 0) await turns()

    await vi.advanceTimersByTimeAsync(15_000)

    expect(await signedIn).toMatch(/^juliet@localhost\/web-/)
    while (silent.open() > 0) await turns()
  })

  test('the time of an address that broke off is over with it', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const first = await serve({
      onAuth() {
        first.cut()
        return ''
      },
    })
    const second = await serve()
    const { signedIn, heard } = connect()
    await signedIn

    await vi.advanceTimersByTimeAsync(15_000)
    second.send("<presence xmlns='jabber:client'/>")

    while (heard.length === 0) await turns()
    expect(second.open()).toBe(1)
  })

  test('a stream that is closed by us says so to the server: it forgets the session', async () => {
    const server = await serve()
    const { stream, signedIn } = connect()
    await signedIn

    stream.close()
    while (!server.received.at(-1)?.includes('<close')) await turns()

    expect(server.received.at(-1)).toBe('<close xmlns="urn:ietf:params:xml:ns:xmpp-framing"/>')
  })

  describe('sent to another address', () => {
    const elsewhere = (uri: string): string =>
      `<close xmlns='urn:ietf:params:xml:ns:xmpp-framing' see-other-uri='${uri}'/>`

    test('it goes there instead', async () => {
      const second = await serve()
      const first = await serve({ onOpen: () => elsewhere(second.url) })
      const { signedIn, upstream } = connect({ service: [first.url] })

      expect(await signedIn).toMatch(/^juliet@localhost\/web-/)
      expect(upstream.figures().connections).toBe(2)
    })

    test('again and again, it goes three times', async () => {
      let url = ''
      const server = await serve({ onOpen: () => elsewhere(url) })
      url = server.url
      const { ended, upstream } = connect()

      expect(await ended).toMatchObject({ cause: 'unreachable', text: expect.stringContaining('sends us') })
      expect(upstream.figures().connections).toBe(4)
    })

    test('and refused there, the addresses behind the first are tried', async () => {
      const first = await serve({ onOpen: () => elsewhere('ws://127.0.0.1:1/') })
      const second = await serve()
      const { signedIn } = connect({ service: [first.url, second.url] })

      expect(await signedIn).toMatch(/^juliet@localhost\/web-/)
    })

    test.each(['ws://capulet.example/', 'wss://capulet.example/', 'https://localhost/http-bind', 'elsewhere', ''])(
      'that protects less, or is none, it does not go: %j',
      async (uri) => {
        await serve({ onOpen: () => elsewhere(uri) })
        const { ended, upstream } = connect()

        expect(await ended).toMatchObject({ cause: 'unreachable', text: expect.stringContaining('do not go') })
        expect(upstream.figures().connections).toBe(1)
      },
    )

    test('while it is online, its stream is over', async () => {
      const server = await serve()
      const { signedIn, ended, upstream } = connect()
      await signedIn

      server.send(elsewhere(server.url))

      expect(await ended).toMatchObject({ cause: 'closed' })
      expect(upstream.figures().connections).toBe(1)
    })
  })

  test.each(['ws://capulet.example/', 'https://capulet.example/', 'capulet', ''])(
    'to %j no connection is begun, and the next address is tried',
    async (service) => {
      const server = await serve()
      const alone = connect({ service: [service] })

      expect(await alone.ended).toMatchObject({ cause: 'unreachable' })
      expect(alone.upstream.figures().connections).toBe(0)
      expect(await connect({ service: [service, server.url] }).signedIn).toMatch(/^juliet@localhost/)
    },
  )

  const message = (body: string): string => `<message xmlns='jabber:client'><body>${body}</body></message>`
  const MIB = 1_048_576
  const BAD_FRAMES: [string, string | Buffer][] = [
    ['of more than a mebibyte', message('x'.repeat(MIB - message('').length + 1))],
    ['of more than a mebibyte in fewer characters', message('é'.repeat(MIB / 2))],
    ['of bytes instead of text', Buffer.from(message('hi'))],
    ['with 65 elements inside of each other and one end too few', '<a>'.repeat(65) + '</a>'.repeat(64)],
    ['with a document type', `<!DOCTYPE message>${message('hi')}`],
    ['with an entity of its own', `<!DOCTYPE m [<!ENTITY e 'x'>]>${message('&e;')}`],
    ['with a processing instruction', `<?php ?>${message('hi')}`],
    ['of two elements', message('one') + message('two')],
  ]

  test.each(BAD_FRAMES)('a frame %s ends the stream as malformed', async (_what, frame) => {
    const server = await serve()
    const { signedIn, ended, heard } = connect()
    await signedIn

    server.send(frame)

    expect(await ended).toMatchObject({ cause: 'malformed' })
    expect(heard).toEqual([])
  })

  test.each(BAD_FRAMES)('a frame %s ends the sign-in as malformed', async (_what, frame) => {
    await serve({ onOpen: () => frame })

    expect(await connect().ended).toMatchObject({ cause: 'malformed' })
  })

  test('a frame of a whole mebibyte is read', async () => {
    const server = await serve()
    const { signedIn, ended, heard } = connect()
    await signedIn

    server.send(message('x'.repeat(MIB - message('').length)))
    server.send("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>")
    await ended

    expect(heard).toEqual(['message'])
  })

  test('a server that breaks off when it is asked for the session before is told from one that cannot be reached', async () => {
    const resume = { id: 's1', fullJid: 'juliet@localhost/web-1', taken: 3 }
    const server = await serve({ keepsSessions: true })
    const { ended } = connect({ resume })
    while (!server.received.at(-1)?.startsWith('<resume')) await turns()
    server.cut()

    expect(await ended).toMatchObject({ cause: 'unreachable', resuming: true })
    expect(await connect({ resume, service: ['ws://127.0.0.1:1/'] }).ended).not.toHaveProperty('resuming')
  })

  test('a stream error in the sign-in ends it as it would end a session', async () => {
    const error =
      "<stream:error xmlns:stream='http://etherx.jabber.org/streams'><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
    await serve({ onOpen: () => error })
    const second = await serve()

    expect(await connect().ended).toMatchObject({ cause: 'policy', text: expect.stringContaining('policy-violation') })
    expect(second.received).toEqual([])
  })
})
