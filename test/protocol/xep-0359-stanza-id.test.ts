import { describe, expect, test } from 'vitest'
import { originId, readOriginId, readStanzaId } from '../../src/protocol/xep-0359-stanza-id.ts'
import { stanza, xml } from '../support/fakes/xml.ts'

const sid = (by: string, id: string): string => `<stanza-id xmlns='urn:xmpp:sid:0' by='${by}' id='${id}'/>`
const message = (inside: string) => stanza(`<message>${inside}</message>`)

describe('readStanzaId', () => {
  test('is the id that the room gave', () => {
    expect(readStanzaId(message(sid('r@m', '28482')), 'r@m')).toBe('28482')
  })

  test.each(['alice@localhost', 'r@m/nick', 'm', 'r2@m', ''])('ignores an id that %j put there', (by) => {
    expect(readStanzaId(message(sid(by, 'spoofed')), 'r@m')).toBeUndefined()
  })

  test('finds the id of the room behind one of somebody else', () => {
    expect(readStanzaId(message(sid('alice@localhost', '1') + sid('r@m', '2')), 'r@m')).toBe('2')
  })

  test.each([
    sid('r@m', ''),
    "<stanza-id xmlns='urn:xmpp:sid:0' by='r@m'/>",
    "<stanza-id xmlns='urn:xmpp:sid:0' id='1'/>",
    "<stanza-id xmlns='urn:xmpp:sid:1' by='r@m' id='1'/>",
    "<archived xmlns='urn:xmpp:mam:tmp' by='r@m' id='1'/>",
    '',
  ])('is nothing for %j', (inside) => {
    expect(readStanzaId(message(inside), 'r@m')).toBeUndefined()
  })
})

describe('readOriginId', () => {
  test('is the id that the sender chose', () => {
    expect(readOriginId(message("<origin-id xmlns='urn:xmpp:sid:0' id='de305d54'/>"))).toBe('de305d54')
  })

  test.each(["<origin-id xmlns='urn:xmpp:sid:0' id=''/>", "<origin-id xmlns='urn:other' id='1'/>", ''])(
    'is nothing for %j',
    (inside) => {
      expect(readOriginId(message(inside))).toBeUndefined()
    },
  )
})

test('originId is what readOriginId reads', () => {
  expect(originId('1')).toEqual(xml("<origin-id xmlns='urn:xmpp:sid:0' id='1'/>"))
})
