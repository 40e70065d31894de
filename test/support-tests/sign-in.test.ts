import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { webSocketUpstream } from '../../src/adapters/websocket-upstream.ts'
import type { Bound, Credentials, StreamEnd } from '../../src/broker/ports.ts'
import { installWebSocket } from '../support/fakes/scripted-server.ts'
import { ensurePrograms } from '../support/install.ts'
import { type ChatServer, startEjabberd, startProsody, startProsody13 } from '../support/servers/index.ts'
import { startWireProxy, type WireProxy } from '../support/wire-proxy.ts'

const ACCOUNTS = { juliet: 'secret', romeo: 'пароль パスワード', nurse: 'caf\u00e9 IX' }
const SCRAM = ['SCRAM-SHA-1', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const

const start = {
  prosody: () => startProsody({ accounts: ACCOUNTS }),
  prosody13: () => startProsody13({ accounts: ACCOUNTS }),
  ejabberd: () => startEjabberd({ accounts: ACCOUNTS, passwordFormat: 'plain' }),
} as const

let takeAway = (): void => undefined
beforeAll(async () => {
  await ensurePrograms(['prosody', 'prosody13', 'ejabberd'], { say: (line) => process.stderr.write(`${line}\n`) })
  takeAway = installWebSocket()
}, 600_000)
afterAll(() => takeAway())

describe.each(['prosody', 'prosody13', 'ejabberd'] as const)('sign-in to %s', (kind) => {
  let server: ChatServer
  let proxy: WireProxy
  beforeAll(async () => {
    server = await start[kind]()
    proxy = await startWireProxy({ target: server.url })
  }, 120_000)
  afterAll(async () => {
    await proxy.close()
    await server.dispose()
  })

  /** Signs in, where the server offers of what it can only `mechanisms`. */
  async function signIn(mechanisms: readonly string[], words: Partial<Credentials> = {}): Promise<Bound | StreamEnd> {
    const off = proxy.rule(({ dir, text }) =>
      dir === 'down' && text.includes('<mechanism>')
        ? { replace: text.replace(/<mechanism>([^<]*)<\/mechanism>/g, (each, name) => keep(mechanisms, name, each)) }
        : 'pass',
    )
    const credentials = { account: 'juliet@localhost', service: [proxy.url], password: 'secret', allowPlain: false }
    try {
      return await new Promise((resolve) => {
        const stream = webSocketUpstream().connect(
          { ...credentials, ...words },
          {
            onOnline(bound) {
              resolve(bound)
              stream.close()
            },
            onStanza: () => undefined,
            onEnd: resolve,
          },
        )
      })
    } finally {
      off()
    }
  }

  const offered = [...SCRAM.filter((each) => kind === 'ejabberd' || each !== 'SCRAM-SHA-512'), 'PLAIN'] as const

  test.each(offered)('by %s alone', async (mechanism) => {
    expect(await signIn([mechanism])).toMatchObject({
      mechanism,
      session: 'new',
      fullJid: expect.stringMatching(/^juliet@localhost\/web-/),
    })
  })

  test('by the strongest of all that it can', async () => {
    expect(await signIn([...SCRAM, 'PLAIN'])).toMatchObject({ mechanism: offered.at(-2) })
  })

  test.each(offered)('with a wrong password is refused by %s', async (mechanism) => {
    expect(await signIn([mechanism], { password: 'wrong' })).toMatchObject({ cause: 'not-authorized' })
  })

  test.each(offered)('with a password in other scripts, by %s', async (mechanism) => {
    const words = { account: 'romeo@localhost', password: ACCOUNTS.romeo }

    expect(await signIn([mechanism], words)).toMatchObject({ mechanism })
  })

  test.each(SCRAM.slice(0, 2))('with a password that is typed in another form than it was set, by %s', async (each) => {
    const words = { account: 'nurse@localhost', password: 'cafe\u0301 I\u00adX' }

    expect(await signIn([each], words)).toMatchObject({ mechanism: each })
  })

  test('without an account', async () => {
    const bound = await signIn(['ANONYMOUS'], { account: 'anon.localhost', password: '' })

    expect(bound).toMatchObject({ mechanism: 'ANONYMOUS', fullJid: expect.stringMatching(/^[^@]+@anon\.localhost\//) })
  })

  test('to whoever leaves the strong mechanisms out, not at all', async () => {
    const mark = proxy.frames.mark()

    expect(await signIn(['PLAIN'], { strongest: 'SCRAM-SHA-1' })).toMatchObject({
      cause: 'not-authorized',
      text: expect.stringContaining('SCRAM-SHA-1 before'),
    })
    expect(proxy.frames.since(mark).filter(({ dir, text }) => dir === 'up' && text.includes('<auth'))).toEqual([])
  })
})

const keep = (mechanisms: readonly string[], name: string, element: string): string =>
  mechanisms.includes(name) ? element : ''
