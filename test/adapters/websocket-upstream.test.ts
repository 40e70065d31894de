import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { webSocketUpstream } from '../../src/adapters/websocket-upstream.ts'
import type { Credentials, Stream, StreamEnd } from '../../src/broker/ports.ts'
import {
  installWebSocket,
  type ScriptedServer,
  type ScriptedServerOptions,
  saslFailure,
  scriptedServer,
} from '../support/fakes/scripted-server.ts'
import { turns } from '../support/fakes/turn.ts'

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
  const servers: ScriptedServer[] = []
  const streams: Stream[] = []
  let takeAway = (): void => undefined

  beforeEach(() => {
    takeAway = installWebSocket((url) => url.replace('wss://capulet.example/', servers[0]?.url ?? url))
  })
  afterEach(async () => {
    vi.useRealTimers()
    for (const stream of streams.splice(0)) stream.close()
    await Promise.all(servers.splice(0).map((server) => server.close()))
    takeAway()
  })

  async function serve(options?: ScriptedServerOptions): Promise<ScriptedServer> {
    const server = await scriptedServer(options)
    servers.push(server)
    return server
  }

  function connect(words: Partial<Credentials> = {}) {
    const heard: string[] = []
    let online: (jid: string) => void = () => undefined
    let over: (end: StreamEnd) => void = () => undefined
    const signedIn = new Promise<string>((resolve) => {
      online = resolve
    })
    const ended = new Promise<StreamEnd>((resolve) => {
      over = resolve
    })
    const credentials = {
      account: 'juliet@localhost',
      service: servers.map(({ url }) => url),
      password: 'secret',
      allowPlain: false,
      ...words,
    }
    const stream = webSocketUpstream().connect(credentials, {
      onOnline: ({ fullJid }) => online(fullJid),
      onStanza: (node) => heard.push(node.name),
      onEnd: over,
    })
    streams.push(stream)
    return { stream, signedIn, ended, heard }
  }

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
    const { ended } = connect({ service: ['wss://capulet.example/'] })

    await ended

    expect(server.received.join()).not.toContain('<auth')
  })

  test('a password is sent in the clear where the app allows it', async () => {
    const server = await serve()
    const { signedIn } = connect({ service: ['wss://capulet.example/'], allowPlain: true })

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
  })

  test('a stream that is closed by us says so to the server: it forgets the session', async () => {
    const server = await serve()
    const { stream, signedIn } = connect()
    await signedIn

    stream.close()
    while (!server.received.at(-1)?.includes('<close')) await turns()

    expect(server.received.at(-1)).toBe('<close xmlns="urn:ietf:params:xml:ns:xmpp-framing"/>')
  })
})
