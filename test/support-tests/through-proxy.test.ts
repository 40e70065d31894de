import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { RawClient, type RawClientOptions } from '../support/raw-client.ts'
import { type ChatServer, startServer } from '../support/servers/index.ts'
import { startWireProxy, type WireProxy } from '../support/wire-proxy.ts'

describe.each(['prosody', 'ejabberd'] as const)('raw clients behind the proxy on %s', (kind) => {
  let server: ChatServer
  let proxy: WireProxy
  let rooms = 0
  const clients: RawClient[] = []

  beforeAll(async () => {
    server = await startServer(kind, { accounts: { alice: 'pw', bob: 'pw' }, hibernationSeconds: 2 })
  }, 600_000)

  afterAll(() => server?.dispose(), 60_000)

  beforeEach(async () => {
    proxy = await startWireProxy({ target: server.url })
  })

  afterEach(async () => {
    await proxy.close()
    await Promise.all(clients.splice(0).map((client) => client.close()))
  })

  async function connect(name: string, options: Partial<RawClientOptions> = {}): Promise<RawClient> {
    const jid = `${name}@${server.domain}`
    const client = await RawClient.connect({ url: proxy.url, jid, password: 'pw', resource: 'one', ...options })
    clients.push(client)
    return client
  }

  const newRoom = () => `r${++rooms}@${server.mucDomain}`

  test('their joins and their frames are counted', async () => {
    const [alice, bob] = [await connect('alice'), await connect('bob')]
    const room = newRoom()
    await alice.join(room, 'alice')
    await bob.join(room, 'bob')
    const before = proxy.figures()

    await alice.say(room, 'one up, two down')
    await bob.waitFor((s) => s.getChildText('body') === 'one up, two down', { what: "alice's message" })
    await bob.leave(room, 'bob')

    const after = proxy.figures()
    expect(after).toMatchObject({ connections: 2, open: 2, joins: 2 })
    expect(after.framesUp - before.framesUp).toBe(2)
    expect(after.bytesDown).toBeGreaterThan(before.bytesDown)
  })

  test('a cut connection stays in the room for the time of hibernation, then it is gone', async () => {
    const alice = await connect('alice', { url: server.url })
    const bob = await connect('bob', { streamManagement: true })
    const room = newRoom()
    await alice.join(room, 'alice')
    await bob.join(room, 'bob')
    const since = alice.mark()
    const isGone = (s: { attrs: Record<string, string | undefined> }) =>
      s.attrs['from'] === `${room}/bob` && s.attrs['type'] === 'unavailable'

    proxy.cut({ how: 'reset' })
    expect((await bob.ended).code).toBe(1006)
    await alice.say(room, 'is bob here?')
    expect(alice.received(since).some(isGone)).toBe(false)

    await alice.waitFor(isGone, { what: "the end of bob's session", since })
  }, 20_000)

  test('a client behind a stall gets everything in order afterwards', async () => {
    const alice = await connect('alice', { url: server.url })
    const bob = await connect('bob')
    const room = newRoom()
    await alice.join(room, 'alice')
    await bob.join(room, 'bob')
    await bob.barrier() // Prosody sends a presence of the room itself after the subject
    const since = bob.mark()
    proxy.stall('down')
    for (const body of ['1', '2', '3']) await alice.say(room, body)
    await proxy.waitForFrame((frame) => frame.text.includes('<body>3</body>'), 5_000)
    expect(bob.received(since)).toEqual([])

    proxy.release('down')
    await bob.barrier()

    expect(bob.received(since).flatMap((stanza) => stanza.getChildText('body') ?? [])).toEqual(['1', '2', '3'])
  })

  test('a frame that is no XML ends the raw client, which shows it', async () => {
    const alice = await connect('alice')
    proxy.rule((frame) => (frame.dir === 'down' && frame.text.includes('<body>') ? { replace: '<broken' } : 'pass'))
    const room = newRoom()
    await alice.join(room, 'alice')

    await expect(alice.say(room, 'hello')).rejects.toThrow('<malformed>&lt;broken</malformed>')
  })

  test('a server that says nothing is an error at the deadline of the sign-in', async () => {
    proxy.refuse({ hang: true })
    await expect(connect('alice', { deadlineMs: 100 })).rejects.toThrow('no WebSocket to')

    proxy.refuse(false)
    proxy.stall('down')
    await expect(connect('alice', { deadlineMs: 100 })).rejects.toThrow('waiting for <open/>')
  })

  test('one and the same proxy serves a server that was started again', async () => {
    const before = await connect('alice')
    await server.kill()
    expect((await before.ended).code).toBe(1006)
    await expect(connect('alice')).rejects.toThrow('no WebSocket to')
    await server.start()

    const after = await connect('alice')

    await after.barrier()
    expect(proxy.figures()).toMatchObject({ connections: 2, open: 1 })
  }, 180_000)
})
