import { describe, expect, test } from 'vitest'
import { readSharedFile, sharedFileEls } from '../../src/protocol/xep-0447-file-sharing.ts'
import { stanza } from '../support/fakes/xml.ts'

const URL = 'https://upload.capulet.example/photo.png'
const SHA256 = '2XarmwTlNxDAMkvymloX3S5+VbylNrJt/l5QyPa+YoU='
const oob = (url: string): string => `<x xmlns='jabber:x:oob'><url>${url}</url></x>`
const source = (url: string): string => `<url-data xmlns='http://jabber.org/protocol/url-data' target='${url}'/>`
const sharing = (facts: string, sources = source(URL)): string =>
  `<file-sharing xmlns='urn:xmpp:sfs:0' disposition='inline'><file xmlns='urn:xmpp:file:metadata:0'>${facts}</file><sources>${sources}</sources></file-sharing>`
const hash = (value: string, algo = 'sha-256'): string =>
  `<hash xmlns='urn:xmpp:hashes:2' algo='${algo}'>${value}</hash>`
const FACTS = `<media-type>image/png</media-type><name>photo.png</name><size>3032449</size><width>640</width><height>480</height>${hash(SHA256)}`
const WHOLE = {
  ...{ url: URL, name: 'photo.png', mediaType: 'image/png', size: 3_032_449 },
  ...{ width: 640, height: 480, sha256: SHA256 },
}
const read = (inside: string) => readSharedFile(stanza(`<message><body>look</body>${inside}</message>`))

describe('the file that a message is about', () => {
  test('is what the message says of it', () => {
    expect(read(sharing(FACTS))).toEqual(WHOLE)
  })

  test('is at least its address', () => {
    expect(read(sharing(''))).toEqual({ url: URL })
    expect(read(oob(` ${URL}\n`))).toEqual({ url: URL })
  })

  test('is known by the first of its sources that can be reached from a page', () => {
    expect(read(sharing('', source('ftp://x/y') + source(URL) + source('https://other.example/')))?.url).toBe(URL)
  })

  test('is the address beside the text, where what describes it has none', () => {
    expect(read(sharing(FACTS, '') + oob(URL))).toEqual({ url: URL })
  })

  test.each([
    ['folders', '<name>../../etc/C:\\x\\passwd</name>', { name: 'passwd' }],
    ['a size that is none', '<size>-1</size>', {}],
    ['a size that is too long', '<size>99999999999999999999</size>', {}],
    ['a hash of another kind', hash(SHA256, 'sha-512'), {}],
    ['a hash that is none', hash('abc'), {}],
    ['an empty name', '<name/>', {}],
  ])('has of %s what can be used', (_what, facts, expected) => {
    expect(read(sharing(facts))).toEqual({ url: URL, ...expected })
  })

  test.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'aesgcm://x/y',
    'https://',
    'https://a b',
    '',
  ])('is not at %s', (url) => {
    expect(read(oob(url))).toBeUndefined()
    expect(read(sharing(FACTS, source(url)))).toBeUndefined()
  })

  test('is none where there is nothing but an address in the text', () => {
    expect(readSharedFile(stanza(`<message><body>${URL}</body></message>`))).toBeUndefined()
  })
})

test('what is written is read again, by whoever knows only addresses, too', () => {
  const [described, beside] = sharedFileEls(WHOLE)

  expect(described).toEqual(
    stanza(
      sharing(
        `<media-type>image/png</media-type><name>photo.png</name><size>3032449</size><width>640</width><height>480</height>${hash(SHA256)}`,
      ),
    ),
  )
  expect(beside).toEqual(stanza(oob(URL)))
})
