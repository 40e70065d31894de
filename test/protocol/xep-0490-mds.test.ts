import { describe, expect, test } from 'vitest'
import { displayedEl, NS_MDS, readDisplayed } from '../../src/protocol/xep-0490-mds.ts'
import { xml } from '../support/fakes/xml.ts'

const item = (inside: string, id = 'r@m') =>
  xml(`<item xmlns='http://jabber.org/protocol/pubsub' id='${id}'>${inside}</item>`)
const displayed = (inside: string, ns = NS_MDS) => `<displayed xmlns='${ns}'>${inside}</displayed>`
const stanzaId = (by: string, id = 'a1') => `<stanza-id xmlns='urn:xmpp:sid:0' by='${by}' id='${id}'/>`

describe('readDisplayed', () => {
  test('gives the room and the id of the message', () => {
    expect(readDisplayed(item(displayed(stanzaId('r@m'))))).toEqual([{ room: 'r@m', id: 'a1' }])
  })

  test.each([
    ['an id that somebody else gave: a chat with one person', displayed(stanzaId('me@m'))],
    ['no id', displayed('')],
    ['an empty id', displayed(stanzaId('r@m', ''))],
    ['another namespace', displayed(stanzaId('r@m'), 'urn:other')],
    ['nothing', ''],
  ])('gives nothing for %s', (_what, inside) => {
    expect(readDisplayed(item(inside))).toEqual([])
  })

  test('gives nothing for an item without a name', () => {
    expect(readDisplayed(xml(`<item xmlns='x'>${displayed(stanzaId(''))}</item>`))).toEqual([])
  })
})

test('what is written is what is read', () => {
  const mark = { room: 'r@m', id: 'a1' }

  expect(displayedEl(mark)).toEqual(xml(displayed(stanzaId('r@m'))))
  expect(readDisplayed({ ...item(''), children: [displayedEl(mark)] })).toEqual([mark])
})
