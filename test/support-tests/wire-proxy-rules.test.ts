import { afterEach, beforeEach, expect, test } from 'vitest'
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

const up = (text: string) => (frame: Frame) => frame.dir === 'up' && frame.text === text

test('a frame is dropped, doubled or replaced', async () => {
  const client = await open()
  proxy.rule((frame) => (up('drop')(frame) ? 'drop' : 'pass'))
  proxy.rule((frame) => (up('double')(frame) ? 'double' : 'pass'))
  proxy.rule((frame) => (up('replace')(frame) ? { replace: 'other' } : 'pass'))

  client.send('drop', 'double', 'replace', 'pass')

  expect(await client.hears(4)).toEqual(['double', 'double', 'other', 'pass'])
  expect(proxy.frames.all.filter((frame) => frame.dir === 'up').map((frame) => frame.text)).toEqual([
    'drop',
    'double',
    'replace',
    'pass',
  ])
})

test('a frame that is delayed delays those behind it', async () => {
  const client = await open()
  proxy.rule((frame) => (up('slow')(frame) ? { delayMs: 60 } : 'pass'))
  const start = performance.now()

  client.send('first', 'slow', 'behind')

  expect(await client.hears(3)).toEqual(['first', 'slow', 'behind'])
  expect(client.heardAtMs[2]).toBeGreaterThanOrEqual(start + 59)
})

test('the first rule that does not pass a frame wins', async () => {
  const client = await open()
  proxy.rule(() => ({ replace: 'first' }))
  proxy.rule(() => 'drop')

  client.send('any')

  expect(await client.hears(1)).toEqual(['first'])
})

test('a rule can be taken off', async () => {
  const client = await open()
  const takeOff = proxy.rule(() => 'drop')
  client.send('lost')
  await proxy.waitForFrame(isText('lost'), 5_000)

  takeOff()
  takeOff()
  client.send('found')

  expect(await client.hears(1)).toEqual(['found'])
})

test('cut-before: the frame does not arrive, those before it do', async () => {
  const client = await open()
  const serverClosed = echo.nextClose()
  proxy.rule((frame) => (up('cut')(frame) ? 'cut-before' : 'pass'))

  client.send('1', 'cut', '3')

  expect(await client.closed).toBe(1006)
  expect(await serverClosed).toBe(1006)
  expect(echo.heard).toEqual(['1'])
})

test('cut-after upwards: the server gets the frame, and the client never hears of it', async () => {
  const client = await open()
  const serverClosed = echo.nextClose()
  proxy.rule((frame) => (up('cut')(frame) ? 'cut-after' : 'pass'))

  client.send('cut', '2')

  expect(await client.closed).toBe(1006)
  expect(await serverClosed).toBe(1006)
  expect(echo.heard).toEqual(['cut'])
  expect(client.heard).toEqual([])
})

test('cut-after downwards: the client gets the frame', async () => {
  const client = await open()
  proxy.rule((frame) => (frame.dir === 'down' ? 'cut-after' : 'pass'))

  client.send('1', '2')

  expect(await client.closed).toBe(1006)
  expect(client.heard).toEqual(['1'])
})

test('cuts wait for what was delayed before them', async () => {
  const client = await open()
  const serverClosed = echo.nextClose()
  proxy.delayMs.up = 40
  proxy.rule((frame) => (up('cut')(frame) ? 'cut-after' : 'pass'))

  client.send('1', '2', 'cut')

  expect(await serverClosed).toBe(1006)
  expect(echo.heard).toEqual(['1', '2', 'cut'])
})
