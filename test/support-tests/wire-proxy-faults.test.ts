import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
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

describe('delay, stall and swallow', () => {
  test('a delay holds each frame back and keeps the order, also when it gets shorter', async () => {
    const client = await open()
    const start = performance.now()
    proxy.delayMs.up = 60
    client.send('1', '2')
    await proxy.waitForFrame(isText('2'), 5_000)
    proxy.delayMs.up = 0
    client.send('3')

    expect(await client.hears(3)).toEqual(['1', '2', '3'])
    expect(client.heardAtMs[0]).toBeGreaterThanOrEqual(start + 59)
  })

  test('each way has a delay of its own', async () => {
    const client = await open()
    proxy.delayMs.down = 60
    client.send('1')
    const up = await proxy.waitForFrame(isText('1'), 5_000)
    await client.hears(1)

    expect(performance.timeOrigin + performance.now() - up.atMs).toBeGreaterThanOrEqual(59)
    expect(proxy.delayMs).toMatchObject({ up: 0, down: 60 })
  })

  test('a stall holds everything back until the release, then all comes in order', async () => {
    const client = await open()
    proxy.stall('down')
    client.send('1', '2', '3')
    while (proxy.figures().framesDown < 3) await proxy.waitForFrame(() => true, 5_000, proxy.frames.mark())
    expect(client.heard).toEqual([])

    proxy.release('down')

    expect(await client.hears(3)).toEqual(['1', '2', '3'])
  })

  test('during a stall upwards nothing gets to the server', async () => {
    const client = await open()
    const other = await open(echo.url)
    proxy.stall('up')
    client.send('1')
    await proxy.waitForFrame(isText('1'), 5_000)
    other.send('direct')
    await other.hears(1)
    expect(echo.heard).toEqual(['direct'])

    proxy.release('up')

    expect(await client.hears(1)).toEqual(['1'])
    other.socket.close()
  })

  test('during a stall no closing handshake is answered either', async () => {
    const client = await open()
    proxy.stall('up')
    const serverClosed = echo.nextClose()
    client.socket.close(4001)
    const other = await open(echo.url)
    other.send('round trip')
    await other.hears(1)
    expect(client.socket.readyState).toBe(WebSocket.CLOSING)
    expect(echo.closed).toEqual([])

    proxy.release('up')

    expect(await serverClosed).toBe(4001)
    expect(await client.closed).toBe(4001)
    other.socket.close()
  })

  test('what is swallowed never comes, and later frames do', async () => {
    const client = await open()
    proxy.swallow('up')
    client.send('lost')
    await proxy.waitForFrame(isText('lost'), 5_000)

    proxy.release('up')
    client.send('found')

    expect(await client.hears(1)).toEqual(['found'])
    expect(echo.heard).toEqual(['found'])
  })

  test('a connection whose end was swallowed breaks when something is sent on it', async () => {
    const client = await open()
    proxy.swallow('up')
    const serverClosed = echo.nextClose()
    client.socket.terminate()
    await client.closed
    proxy.release('up')
    const [socket] = echo.sockets

    socket?.send('anybody there?')

    expect(await serverClosed).toBe(1006)
  })
})

describe('cuts', () => {
  test.each(['reset', 'fin'] as const)('a %s ends both sides without a closing code', async (how) => {
    const client = await open()
    const serverClosed = echo.nextClose()

    proxy.cut({ how })

    expect(proxy.figures().open).toBe(0)
    expect(await client.closed).toBe(1006)
    expect(await serverClosed).toBe(1006)
  })

  test('a close ends both sides with the code', async () => {
    const client = await open()
    const serverClosed = echo.nextClose()

    proxy.cut({ how: 'close', code: 1012 })

    expect(await client.closed).toBe(1012)
    expect(await serverClosed).toBe(1012)
  })

  test('one connection is cut, the others live on', async () => {
    const [first, second] = [await open(), await open()]

    proxy.cut({ connection: 1, how: 'reset' })

    await first.closed
    second.send('alive')
    expect(await second.hears(1)).toEqual(['alive'])
    expect(proxy.figures()).toMatchObject({ connections: 2, open: 1 })
  })

  test.each(['reset', 'fin', 'close'] as const)('only the client notices a %s', async (how) => {
    const client = await open()

    proxy.cut({ how, only: 'client' })

    await client.closed
    const another = await open()
    another.send('round trip')
    await another.hears(1)
    expect(echo.closed).toEqual([])
    expect(proxy.figures().open).toBe(1)
  })

  test('only the server notices, and what the client sends is lost', async () => {
    const client = await open()
    const serverClosed = echo.nextClose()

    proxy.cut({ how: 'reset', only: 'server' })

    expect(await serverClosed).toBe(1006)
    client.send('lost')
    await proxy.waitForFrame(isText('lost'), 5_000)
    expect(client.socket.readyState).toBe(WebSocket.OPEN)
    expect(proxy.figures().open).toBe(1)
    expect(echo.heard).toEqual([])
  })
})
