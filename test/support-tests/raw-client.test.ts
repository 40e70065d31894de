import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Element, el, RawClient, type RawClientOptions, StanzaError, statusCodes } from '../support/raw-client.ts'
import { type ChatServer, startServer } from '../support/servers/index.ts'

describe.each(['prosody', 'ejabberd'] as const)('on %s', (kind) => {
  let server: ChatServer
  let rooms = 0
  const clients: RawClient[] = []

  beforeAll(async () => {
    server = await startServer(kind, { accounts: { alice: 'pw', bob: 'pw' } })
  }, 600_000)

  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()))
  })

  afterAll(() => server?.dispose(), 60_000)

  async function connect(name: string, options: Partial<RawClientOptions> = {}): Promise<RawClient> {
    const jid = `${name}@${server.domain}`
    const client = await RawClient.connect({ url: server.url, jid, password: 'pw', resource: 'one', ...options })
    clients.push(client)
    return client
  }

  const newRoom = () => `r${++rooms}@${server.mucDomain}`

  test('two clients chat in a room', async () => {
    const [alice, bob] = await Promise.all([connect('alice'), connect('bob')])
    const room = newRoom()
    await alice.join(room, 'alice')
    await bob.join(room, 'bob')

    const reflected = await alice.say(room, 'hello & <welcome>', { id: 'first' })
    const heard = await bob.waitFor((s) => s.attrs['id'] === 'first', { what: "alice's message" })

    expect(reflected.attrs['from']).toBe(`${room}/alice`)
    expect(heard.getChildText('body')).toBe('hello & <welcome>')
    expect(heard.getChild('stanza-id')?.attrs['id']).toBe(reflected.getChild('stanza-id')?.attrs['id'])
  })

  test('a join gives the presences of others, the own one, the history and the subject', async () => {
    const [alice, bob] = await Promise.all([connect('alice'), connect('bob')])
    const room = newRoom()
    await alice.join(room, 'alice')
    await alice.say(room, 'before')

    const joined = await bob.join(room, 'bob')

    const short = (stanza: Element) =>
      statusCodes(stanza).includes('110')
        ? 'self'
        : (stanza.getChildText('body') ?? (stanza.getChild('subject') ? 'subject' : stanza.attrs['from']))
    const withoutRoom = joined.map(short).filter((word) => word !== room) // ejabberd: a presence of the room itself
    expect(withoutRoom).toEqual([`${room}/alice`, 'self', 'before', 'subject'])
  })

  test('history can be refused', async () => {
    const [alice, bob] = await Promise.all([connect('alice'), connect('bob')])
    const room = newRoom()
    await alice.join(room, 'alice')
    await alice.say(room, 'before')

    const joined = await bob.join(room, 'bob', { history: { maxstanzas: 0 } })

    expect(joined.filter((stanza) => stanza.getChild('body'))).toEqual([])
  })

  test('a refused join rejects with the condition of the room', async () => {
    const [alice, bob] = await Promise.all([connect('alice'), connect('bob')])
    const room = newRoom()
    await alice.join(room, 'same')

    const refusal = await bob.join(room, 'same').catch((error: unknown) => error)

    expect(refusal).toBeInstanceOf(StanzaError)
    expect(refusal).toMatchObject({ condition: 'conflict' })
  })

  test('one who left a room cannot write to it', async () => {
    const alice = await connect('alice')
    const room = newRoom()
    await alice.join(room, 'alice')

    const gone = await alice.leave(room, 'alice')

    expect(gone.attrs['from']).toBe(`${room}/alice`)
    await expect(alice.say(room, 'still here?')).rejects.toThrow(StanzaError)
  })

  test('a request gets its result, or rejects with the condition', async () => {
    const alice = await connect('alice')
    const disco = (to: string) =>
      alice.request(el('iq', { type: 'get', to }, el('query', { xmlns: 'http://jabber.org/protocol/disco#info' })))

    expect((await disco(server.mucDomain)).getChild('query')?.getChildren('identity')).toHaveLength(1)
    await expect(disco(`none@${server.mucDomain}`)).rejects.toMatchObject({ condition: 'item-not-found' })
  })

  test('requests of others are answered', async () => {
    const [alice, bob] = await Promise.all([connect('alice'), connect('bob')])
    const ask = (payload: Element) => alice.request(el('iq', { type: 'get', to: bob.jid }, payload))

    expect((await ask(el('ping', { xmlns: 'urn:xmpp:ping' }))).attrs['from']).toBe(bob.jid)
    await expect(ask(el('query', { xmlns: 'jabber:iq:last' }))).rejects.toMatchObject({
      condition: 'service-unavailable',
    })
  })

  test('after a barrier, what was sent before has arrived', async () => {
    const [alice, bob] = await Promise.all([connect('alice'), connect('bob')])
    const since = bob.mark()
    for (const body of ['1', '2', '3']) alice.send(el('message', { to: bob.jid, type: 'chat' }, el('body', {}, body)))

    await alice.barrier()
    await bob.barrier()

    expect(bob.received(since).flatMap((stanza) => stanza.getChildText('body') ?? [])).toEqual(['1', '2', '3'])
  })

  test('what does not come is an error that shows what did', async () => {
    const alice = await connect('alice')
    await alice.join(newRoom(), 'alice')

    const waiting = alice.waitFor(() => false, { what: 'the impossible', deadlineMs: 20 })

    await expect(waiting).rejects.toThrow(
      /alice@localhost\/one: the impossible did not come: waited 20 ms\n.*<message/s,
    )
  })

  test('the end of the connection ends all waiting at once', async () => {
    const alice = await connect('alice')
    const waiting = alice.waitFor(() => false, { what: 'the impossible', deadlineMs: 60_000 })

    alice.drop()

    await expect(waiting).rejects.toThrow('the connection ended (1006)')
    await expect(alice.barrier()).rejects.toThrow('the connection ended')
  })

  test('a second session with the same resource ends the first, which says why', async () => {
    const first = await connect('alice')

    await connect('alice')

    expect((await first.ended).error?.getChild('conflict')).toBeDefined()
  })

  test('stanzas are acknowledged with the right count, so that a long stream lives on', async () => {
    const [alice, bob] = await Promise.all([connect('alice', { streamManagement: true }), connect('bob')])
    for (let n = 1; n <= 120; n++) bob.send(el('message', { to: alice.jid, type: 'chat' }, el('body', {}, String(n))))

    await alice.waitFor((s) => s.getChildText('body') === '120', { what: 'the last message' })
    await alice.barrier()
    await alice.close()

    expect(await alice.ended).toEqual({ code: 1000, error: undefined })
  })

  test('a stream that was closed leaves nothing behind, with stream management too', async () => {
    const [alice, bob] = await Promise.all([connect('alice', { streamManagement: true }), connect('bob')])
    const room = newRoom()
    await bob.join(room, 'bob')
    await alice.join(room, 'alice')

    await alice.close()

    await bob.waitFor((s) => s.attrs['from'] === `${room}/alice` && s.attrs['type'] === 'unavailable', {
      what: "alice's leave",
    })
  })

  test('a dropped stream with stream management stays in the room', async () => {
    const [alice, bob] = await Promise.all([connect('alice', { streamManagement: true }), connect('bob')])
    const room = newRoom()
    await bob.join(room, 'bob')
    await alice.join(room, 'alice')
    const since = bob.mark()

    alice.drop()
    await alice.ended
    await bob.say(room, 'is alice still here?')
    await bob.barrier()

    expect(bob.received(since).filter((s) => s.attrs['type'] === 'unavailable')).toEqual([])
  })
})
