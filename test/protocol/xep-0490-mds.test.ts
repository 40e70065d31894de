import { describe, expect, test } from 'vitest'
import { displayedEl, NS_MDS, readDisplayed } from '../../src/protocol/xep-0490-mds.ts'
import { xml } from '../support/fakes/xml.ts'

const ME = 'me@m'
const item = (inside: string, id = 'r@m') =>
  xml(`<item xmlns='http://jabber.org/protocol/pubsub' id='${id}'>${inside}</item>`)
const displayed = (inside: string, ns = NS_MDS) => `<displayed xmlns='${ns}'>${inside}</displayed>`
const stanzaId = (by: string, id = 'a1') => `<stanza-id xmlns='urn:xmpp:sid:0' by='${by}' id='${id}'/>`

describe('readDisplayed', () => {
  test('gives the room and the id of the message', () => {
    expect(readDisplayed(item(displayed(stanzaId('r@m'))), ME)).toEqual([{ room: 'r@m', id: 'a1' }])
  })

  test('gives the person and the id that the account gave the message, of a chat with them', () => {
    expect(readDisplayed(item(displayed(stanzaId(ME)), 'you@m'), ME)).toEqual([{ room: 'you@m', id: 'a1' }])
  })

  test.each([
    ['an id that somebody else gave', displayed(stanzaId('they@m'))],
    ['no id', displayed('')],
    ['an empty id', displayed(stanzaId('r@m', ''))],
    ['another namespace', displayed(stanzaId('r@m'), 'urn:other')],
    ['nothing', ''],
  ])('gives nothing for %s', (_what, inside) => {
    expect(readDisplayed(item(inside), ME)).toEqual([])
  })

  test('gives nothing for an item without a name', () => {
    expect(readDisplayed(xml(`<item xmlns='x'>${displayed(stanzaId(''))}</item>`), ME)).toEqual([])
  })
})

test('what is written is what is read', () => {
  const mark = { room: 'r@m', id: 'a1' }

  expect(displayedEl('a1', 'r@m')).toEqual(xml(displayed(stanzaId('r@m'))))
  expect(readDisplayed({ ...item(''), children: [displayedEl('a1', 'r@m')] }, ME)).toEqual([mark])
})
