import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { el, RawClient } from '../support/raw-client.ts'
import { type ChatServer, SERVER_KINDS, startServer } from '../support/servers/index.ts'
import { descendants, isRunning } from './processes.ts'

const ACCOUNTS = { alice: 'pw', bob: 'quote " backslash \\ umlaut ü', 'c-3.po': 'pw' }
const INSTALLING_MS = 600_000
const NS_MAM = 'urn:xmpp:mam:2'

/** The bodies in the archive of a room, which on ejabberd outlive its history. */
async function archive(client: RawClient, room: string): Promise<readonly string[]> {
  const since = client.mark()
  await client.request(el('iq', { type: 'set', to: room }, el('query', { xmlns: NS_MAM })))
  const results = client.received(since).flatMap((stanza) => stanza.getChild('result', NS_MAM) ?? [])
  return results.flatMap((result) => result.getChild('forwarded')?.getChild('message')?.getChildText('body') ?? [])
}

describe.each(SERVER_KINDS)('%s', (kind) => {
  let server: ChatServer

  beforeAll(async () => {
    server = await startServer(kind, { accounts: ACCOUNTS })
  }, INSTALLING_MS)

  afterAll(() => server?.dispose(), 60_000)

  function connect(name: string, password: string): Promise<RawClient> {
    return RawClient.connect({ url: server.url, jid: `${name}@${server.domain}`, password, resource: 'one' })
  }

  test('says what it is', () => {
    expect(server.name).toBe(kind)
    expect(server.version).toMatch(/^\d+\.\d+/)
    expect(server.log().length).toBeGreaterThan(3)
  })

  test.each(Object.entries(ACCOUNTS))('%s can sign in as soon as it is ready', async (name, password) => {
    await using client = await connect(name, password)

    expect(client.jid).toBe(`${name}@localhost/one`)
  })

  test('a wrong password is refused', async () => {
    await expect(connect('alice', 'wrong')).rejects.toThrow('not-authorized')
  })

  test('an account can be added while it runs', async () => {
    await server.addAccount('dora', 'secret')

    await using client = await connect('dora', 'secret')

    expect(client.jid).toBe('dora@localhost/one')
  })

  test('cannot be started while it runs', async () => {
    await expect(server.start()).rejects.toThrow('runs already')
  })

  test.each(['stop', 'kill'] as const)(
    '%s and start keep port, accounts and the archive of a room',
    async (end) => {
      const room = `kept-by-${end}@${server.mucDomain}`
      const before = await connect('alice', 'pw')
      await before.join(room, 'alice')
      await before.say(room, `before the ${end}`)
      const { url, pid } = server

      await server[end]()
      const { code } = await before.ended
      expect(server.pid).toBeUndefined()
      await server.start()

      if (end === 'kill') expect(code).toBe(1006)
      expect(server.url).toBe(url)
      expect(server.pid).not.toBe(pid)
      await using after = await connect('alice', 'pw')
      await after.join(room, 'alice')
      expect(await archive(after, room)).toEqual([`before the ${end}`])
    },
    180_000,
  )
})

test.each(SERVER_KINDS)(
  'nothing is left of %s after dispose',
  async (kind) => {
    const server = await startServer(kind)
    const pid = server.pid ?? 0
    const all = [pid, ...descendants(pid)]
    const folders = () => readdirSync(tmpdir()).filter((name) => name.startsWith(`minimix-${kind}-`))
    const folder = folders().find((name) => server.log().some((line) => line.includes(name)))
    expect(all.every(isRunning)).toBe(true)

    await server.dispose()

    expect(all.filter(isRunning)).toEqual([])
    expect(server.pid).toBeUndefined()
    if (folder !== undefined) expect(folders()).not.toContain(folder)
    await expect(server.start()).rejects.toThrow('after dispose')
  },
  INSTALLING_MS,
)
