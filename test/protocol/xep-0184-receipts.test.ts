import { expect, test } from 'vitest'
import { readReceipt, receipt, receiptRequest, wantsReceipt } from '../../src/protocol/xep-0184-receipts.ts'
import { stanza } from '../support/fakes/xml.ts'

const NS = 'urn:xmpp:receipts'

test('a receipt names the message that has arrived', () => {
  expect(receipt('you@m/x', 'r1', 'm1')).toEqual(
    stanza(`<message to='you@m/x' id='r1' type='chat'><received xmlns='${NS}' id='m1'/></message>`),
  )
  expect(readReceipt(receipt('you@m/x', 'r1', 'm1'))).toBe('m1')
})

test.each([
  ['without an id', `<received xmlns='${NS}'/>`],
  ['with an empty id', `<received xmlns='${NS}' id=''/>`],
  ['of another namespace', "<received xmlns='urn:other' id='m1'/>"],
  ['that is none', ''],
])('a receipt %s is nothing', (_what, inside) => {
  expect(readReceipt(stanza(`<message>${inside}</message>`))).toBeUndefined()
})

test('who wants one says so', () => {
  expect(wantsReceipt(stanza(`<message><request xmlns='${NS}'/></message>`))).toBe(true)
  expect(wantsReceipt({ ...stanza('<message/>'), children: [receiptRequest()] })).toBe(true)
  expect(wantsReceipt(stanza("<message><request xmlns='urn:other'/></message>"))).toBe(false)
})
