import { expect, test } from 'vitest'
import { hearPages } from '../../src/adapters/broadcast.ts'
import { doorOf } from '../../src/contract/broadcasts.ts'
import type { Port } from '../../src/contract/port.ts'
import { deferred } from '../support/fakes/turn.ts'

test('what is posted to a page whose way is closed is lost, as by a port, and is no error', async () => {
  const account = `${crypto.randomUUID()}@capulet.example`
  const opened = deferred<readonly (Port | undefined)[]>()
  const stop = hearPages(account, (port, portsOf) => opened.resolve([port, ...portsOf(new MessageEvent('message'))]))
  const door = new BroadcastChannel(doorOf(account))
  door.postMessage({ minimix: 'open', way: `minimix:way:${account}` })
  const ports = await opened.promise
  for (const port of ports) port?.close()

  expect(ports).toHaveLength(3)
  for (const port of ports) expect(() => port?.postMessage('too late')).not.toThrow()

  door.close()
  stop()
})
