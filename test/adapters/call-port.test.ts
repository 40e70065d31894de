import { afterEach, expect, test } from 'vitest'
import { callPort } from '../../src/adapters/call-port.ts'
import { exposeApi } from '../../src/adapters/comlink.ts'
import type { BrokerApi } from '../../src/contract/api.ts'

const ports: (MessagePort | BroadcastChannel)[] = []
afterEach(() => {
  for (const port of ports.splice(0)) port.close()
})

/** A tab's end, and Comlink at the other one; `call` is what the worker does. */
function pair(
  call: (name: string, args: unknown) => Promise<unknown>,
  ends: () => readonly [MessagePort | BroadcastChannel, MessagePort | BroadcastChannel] = () => {
    const { port1, port2 } = new MessageChannel()
    return [port1, port2]
  },
): BrokerApi {
  const [here, there] = ends()
  ports.push(here, there)
  exposeApi({ call } as BrokerApi, there) // what it answers is what the test says
  return callPort(here)
}

const broadcasts = () => {
  const name = crypto.randomUUID()
  return [new BroadcastChannel(name), new BroadcastChannel(name)] as const
}

test.each([
  ['a port', undefined],
  ['a broadcast', broadcasts],
])('a call by %s is answered by what Comlink returns at the other end', async (_what, ends) => {
  const api = pair(async (name, args) => ({ ok: true, value: [name, args], afterSeq: 3 }), ends)

  expect(await api.call('leave', { room: 'r@m' })).toEqual({ ok: true, value: ['leave', { room: 'r@m' }], afterSeq: 3 })
})

test('answers reach the calls that they belong to, in whatever order they come', async () => {
  const ends: (() => void)[] = []
  const api = pair((_name, args) => new Promise((resolve) => ends.unshift(() => resolve(args))))

  const calls = ['first', 'second'].map((room) => api.call('leave', { room }))
  await expect.poll(() => ends.length).toBe(2)
  for (const end of ends) end()

  expect(await Promise.all(calls)).toEqual([{ room: 'first' }, { room: 'second' }])
})

test('an error that is thrown there is an error here, with its name', async () => {
  const api = pair(() => Promise.reject(new RangeError('too far')))

  await expect(api.call('inspect', null)).rejects.toMatchObject({ name: 'RangeError', message: 'too far' })
})

test('what is thrown there and is no error is thrown here', async () => {
  const api = pair(() => Promise.reject('too far'))

  await expect(api.call('inspect', null)).rejects.toBe('too far')
})

test('what cannot be sent rejects', async () => {
  const api = pair(async () => null)

  await expect(api.call('leave', { room: (() => 'r@m') as never })).rejects.toMatchObject({ name: 'DataCloneError' })
})
