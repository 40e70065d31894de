import { expect, test } from 'vitest'
import { type Happening, happeningName } from '../../src/broker/happening.ts'
import { stanza } from '../support/fakes/xml.ts'

const SEND = { room: 'r@muc.test', id: 'm1', body: 'for your eyes only', waitMs: 0 }
const MESSAGE = stanza("<message from='r@muc.test/ana'><body>for your eyes only</body></message>")

test.each<[Happening, string]>([
  [{ on: 'call', tab: 't1', call: 1, request: { name: 'send', args: SEND } }, 'call send r@muc.test'],
  [{ on: 'call', tab: 't1', call: 1, request: { name: 'inspect', args: null } }, 'call inspect'],
  [{ on: 'stanza', stanza: MESSAGE, stream: { send() {}, close() {}, drop() {} } }, 'stanza message'],
  [{ on: 'connection', input: { on: 'ended', cause: 'closed', text: 'no' }, stream: undefined }, 'connection ended'],
  [{ on: 'room', room: 'r@muc.test', input: { on: 'visible' } }, 'visible in r@muc.test'],
  [{ on: 'tab-gone', tab: 't1' }, 'tab-gone'],
])('a happening is told by its kind and its room, not by what was said: %#', (happening, name) => {
  expect(happeningName(happening)).toBe(name)
})
