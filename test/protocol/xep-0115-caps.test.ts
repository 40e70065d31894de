import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { capsEl, capsText, readCaps } from '../../src/protocol/xep-0115-caps.ts'
import { stanza, xml } from '../support/fakes/xml.ts'

const EXODUS = { category: 'client', type: 'pc', name: 'Exodus 0.9.1' }
const FEATURES = [
  'http://jabber.org/protocol/muc',
  'http://jabber.org/protocol/caps',
  'http://jabber.org/protocol/disco#items',
  'http://jabber.org/protocol/disco#info',
]

test('the text is that of the example in the XEP (section 5.2), whatever the order of the features', () => {
  const text = capsText(EXODUS, FEATURES)

  expect(text).toBe(
    'client/pc//Exodus 0.9.1<http://jabber.org/protocol/caps<http://jabber.org/protocol/disco#info<http://jabber.org/protocol/disco#items<http://jabber.org/protocol/muc<',
  )
  expect(createHash('sha1').update(text).digest('base64')).toBe('QgayPKawpkPSDYmwT/WM94uAlu0=')
})

test('the element names the hash', () => {
  expect(capsEl('https://a.example', 'QgayPKawpkPSDYmwT/WM94uAlu0=')).toEqual(
    xml(
      "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='https://a.example' ver='QgayPKawpkPSDYmwT/WM94uAlu0='/>",
    ),
  )
})

describe('readCaps', () => {
  const read = (attributes: string) =>
    readCaps(stanza(`<presence><c xmlns='http://jabber.org/protocol/caps' ${attributes}/></presence>`))

  test('gives the key under which others say the same', () => {
    expect(read("hash='sha-1' node='n' ver='v'")).toEqual({ node: 'n', ver: 'v' })
  })

  test.each(["node='n' ver='v'", "hash='sha-1' ver='v'", "hash='sha-1' node='n'", ''])(
    'is nothing for %j: an old form, which cannot be checked',
    (attributes) => {
      expect(read(attributes)).toBeUndefined()
    },
  )

  test('is nothing without capabilities', () => {
    expect(readCaps(stanza('<presence/>'))).toBeUndefined()
  })
})
