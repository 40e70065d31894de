import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { runLines } from '../support/install/run.ts'
import { type Frame, startWireProxy, type WireProxy } from '../support/wire-proxy.ts'
import { type EchoServer, startEchoServer } from './echo-server.ts'
import { WireClient } from './wire-client.ts'

let echo: EchoServer
let proxy: WireProxy

beforeEach(async () => {
  echo = await startEchoServer()
  proxy = await startWireProxy({ target: echo.url })
})

afterEach(async () => {
  await proxy.close()
  await echo[Symbol.asyncDispose]()
})

const isText = (text: string) => (frame: Frame) => frame.text === text
const open = (url = proxy.url) => WireClient.open(url)

describe('without faults', () => {
  test('passes the subprotocol, frames and the closing code on', async () => {
    const client = await open()
    const serverClosed = echo.nextClose()
    client.send('ä', 'b')
    await client.hears(2)
    client.socket.close(4001)

    expect(client.socket.protocol).toBe('xmpp')
    expect(client.heard).toEqual(['ä', 'b'])
    expect(await serverClosed).toBe(4001)
    expect(await client.closed).toBe(4001)
  })

  test('passes an end that the server began on', async () => {
    const client = await open()

    for (const socket of echo.sockets) socket.close(4002)

    expect(await client.closed).toBe(4002)
  })

  test('passes a broken connection on, both ways', async () => {
    const [first, second] = [await open(), await open()]
    const serverClosed = echo.nextClose()
    first.socket.terminate()
    expect(await serverClosed).toBe(1006)

    for (const socket of echo.sockets) socket.terminate()
    expect(await second.closed).toBe(1006)
  })

  test('passes pings to the other end, which answers them', async () => {
    const client = await open()

    client.socket.ping('are you there?')

    expect(String((await once(client.socket, 'pong'))[0])).toBe('are you there?')
  })

  test('a server that is down is a connection that fails', async () => {
    await echo[Symbol.asyncDispose]()

    const client = new WireClient(proxy.url)

    expect(await client.closed).toBe(1006)
    expect(proxy.figures().connections).toBe(0)
  })
})

describe('figures and the log', () => {
  test('count connections, frames and bytes', async () => {
    const [first, second] = [await open(), await open()]
    echo.echoes = false
    first.send('ä')
    second.send('<a/>', '<b/>')
    await proxy.waitForFrame(isText('ä'), 5_000)
    await proxy.waitForFrame(isText('<b/>'), 5_000)
    second.socket.close()
    await second.closed

    expect(proxy.figures()).toEqual({
      connections: 2,
      open: 1,
      framesUp: 3,
      framesDown: 0,
      bytesUp: 10,
      bytesDown: 0,
      joins: 0,
    })
  })

  test('count joins, and nothing that only looks like one', async () => {
    const client = await open()
    const x = (end = '') => `<x xmlns="http://jabber.org/protocol/muc${end}"/>`
    echo.echoes = false

    client.send(
      `<presence xmlns="jabber:client" to="r@muc/a">${x()}</presence>`,
      `<presence to='r@muc/a'>${x().replace('/>', '><password>p</password></x>').replaceAll('"', "'")}</presence>`,
      `<presence to="r@muc/a" type="unavailable">${x()}</presence>`,
      `<presence to="r@muc/a">${x('#user')}</presence>`,
      `<message to="r@muc"><body>&lt;presence> ${'http://jabber.org/protocol/muc'}</body></message>`,
      '<presence http://jabber.org/protocol/muc broken',
      'last',
    )
    await proxy.waitForFrame(isText('last'), 5_000)

    expect(proxy.figures()).toMatchObject({ joins: 2, framesUp: 7 })
  })

  test('keep frames with connection, direction, number and time', async () => {
    const client = await open()
    const before = Date.now() - 1
    client.send('one')
    await client.hears(1)
    const mark = proxy.frames.mark()
    client.send('two')
    await client.hears(2)

    expect(proxy.frames.all.map(({ n, connection, dir, text }) => [n, connection, dir, text])).toEqual([
      [0, 1, 'up', 'one'],
      [1, 1, 'down', 'one'],
      [2, 1, 'up', 'two'],
      [3, 1, 'down', 'two'],
    ])
    expect(proxy.frames.since(mark).map((frame) => frame.text)).toEqual(['two', 'two'])
    expect(proxy.frames.all[0]?.atMs).toBeGreaterThan(before)
    expect(proxy.frames.all[0]?.atMs).toBeLessThan(Date.now() + 1)
  })

  test('can be cleared and switched off, and count on', async () => {
    const client = await open()
    client.send('one')
    await client.hears(1)
    proxy.frames.clear()
    proxy.frames.enabled = false
    client.send('two')
    await client.hears(2)

    expect(proxy.frames.all).toEqual([])
    expect(proxy.frames.mark()).toBe(4)
    expect(proxy.figures().framesUp).toBe(2)
  })

  test('a wait finds a frame of before or of later, but none from before its mark', async () => {
    const client = await open()
    client.send('one')
    await client.hears(1)

    expect((await proxy.waitForFrame(isText('one'), 1_000)).n).toBe(0)
    const later = proxy.waitForFrame(isText('one'), 5_000, proxy.frames.mark())
    client.send('one')
    expect((await later).n).toBe(2)
  })

  test('a wait ends at its deadline, and when the proxy closes', async () => {
    const late = proxy.waitForFrame(() => true, 20)
    const cutShort = proxy.waitForFrame(() => true, 60_000)

    await expect(late).rejects.toThrow('none within 20 ms')
    const ended = expect(cutShort).rejects.toThrow('the proxy was closed')
    await proxy.close()
    await ended
  })
})

describe('refusals', () => {
  const connect = () => once(new WebSocket(proxy.url, 'xmpp'), 'open')

  test('new connections are reset, old ones live on', async () => {
    const old = await open()
    proxy.refuse(true)

    await expect(connect()).rejects.toMatchObject({ code: 'ECONNRESET' })
    old.send('alive')
    await old.hears(1)
    proxy.refuse(false)
    await connect()

    expect(proxy.figures()).toMatchObject({ connections: 2, open: 2 })
  })

  test('new connections get an HTTP answer', async () => {
    proxy.refuse({ status: 503 })

    await expect(connect()).rejects.toThrow('Unexpected server response: 503')
    expect((await fetch(proxy.url.replace('ws:', 'http:'))).status).toBe(503)
  })

  test('new connections meet silence', async () => {
    proxy.refuse({ hang: true })
    const hanging = new WebSocket(proxy.url, 'xmpp', { handshakeTimeout: 100 })

    await expect(once(hanging, 'open')).rejects.toThrow('Opening handshake has timed out')
  })
})

describe('close', () => {
  test('ends all connections, open or cut on one side, and lets nobody in', async () => {
    const clients = [await open(), await open(), await open()]
    proxy.cut({ connection: 2, how: 'reset', only: 'client' })
    proxy.cut({ connection: 3, how: 'reset', only: 'server' })

    await proxy.close()

    expect(await Promise.all(clients.map((client) => client.closed))).toEqual([1006, 1006, 1006])
    while (echo.sockets.size > 0) await echo.nextClose()
    expect(await new WireClient(proxy.url).closed).toBe(1006)
  })

  test('leaves neither timer nor socket: a process can end by itself', async () => {
    const script = fileURLToPath(new URL('proxy-exit.ts', import.meta.url))

    const { code, lines } = await runLines(process.execPath, ['--import', 'tsx', script])

    expect(lines).toEqual(['the wait failed'])
    expect(code).toBe(0)
  }, 20_000)

  test('a second close does nothing', async () => {
    await proxy.close()
    await proxy.close()
  })
})
