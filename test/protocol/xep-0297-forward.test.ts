import { expect, test } from 'vitest'
import { readForwardedMessage } from '../../src/protocol/xep-0297-forward.ts'
import { xml } from '../support/fakes/xml.ts'

const MESSAGE = "<message xmlns='jabber:client' from='r@m/romeo' type='groupchat'><body>hark</body></message>"
const delay = (stamp: string): string => `<delay xmlns='urn:xmpp:delay' from='m' stamp='${stamp}'/>`
const read = (inside: string) => readForwardedMessage(xml(`<result>${inside}</result>`))
const forwarded = (inside: string) => read(`<forwarded xmlns='urn:xmpp:forward:0'>${inside}</forwarded>`)

test.each([
  ['delay first, as Prosody writes it', delay('2026-11-22T05:36:17Z') + MESSAGE],
  ['message first, as ejabberd writes it', MESSAGE + delay('2026-11-22T05:36:17Z')],
])('gives the message, and when it was received: %s', (_what, inside) => {
  expect(forwarded(inside)).toEqual({ message: xml(MESSAGE), stampMs: Date.UTC(2026, 10, 22, 5, 36, 17) })
})

test.each([
  ['without a time', MESSAGE],
  ['with a time that is none', MESSAGE + delay('soon')],
])('gives the message %s', (_what, inside) => {
  expect(forwarded(inside)).toEqual({ message: xml(MESSAGE), stampMs: undefined })
})

test.each([
  ['nothing forwarded', ''],
  ['no message in it', "<forwarded xmlns='urn:xmpp:forward:0'><presence xmlns='jabber:client'/></forwarded>"],
  [
    'a message of another namespace',
    "<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:server'/></forwarded>",
  ],
  ['another way of forwarding', `<forwarded xmlns='urn:xmpp:forward:1'>${MESSAGE}</forwarded>`],
])('gives nothing where there is %s', (_what, inside) => {
  expect(read(inside)).toBeUndefined()
})
