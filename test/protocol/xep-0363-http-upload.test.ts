import { describe, expect, test } from 'vitest'
import { readSlot, readUploadService, slotRequest } from '../../src/protocol/xep-0363-http-upload.ts'
import { stanza } from '../support/fakes/xml.ts'

const NS = 'urn:xmpp:http:upload:0'
const URL = 'https://upload.capulet.example/a/photo.png'

const info = (inside: string): string =>
  `<iq type='result'><query xmlns='http://jabber.org/protocol/disco#info'>${inside}</query></iq>`
const FEATURE = `<feature var='${NS}'/>`
const form = (value: string): string =>
  `<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE'><value>${NS}</value></field><field var='max-file-size'><value>${value}</value></field></x>`

test.each([
  ['with a limit', FEATURE + form('5242880'), { maxBytes: 5_242_880 }],
  ['without a limit', FEATURE, { maxBytes: undefined }],
  ['with a limit that is no number', FEATURE + form('a lot'), { maxBytes: undefined }],
  ['that takes no files', form('5242880'), undefined],
])('of a part of the server %s', (_what, inside, expected) => {
  expect(readUploadService(stanza(info(inside)))).toEqual(expected)
})

test('a slot is asked for with what the file is', () => {
  expect(slotRequest({ name: 'très cool.jpg', size: 23_456, mediaType: 'image/jpeg' })).toEqual(
    stanza(`<request xmlns='${NS}' filename='très cool.jpg' size='23456' content-type='image/jpeg'/>`),
  )
})

const slot = (put: string, headers = '', get = URL): string =>
  `<iq type='result'><slot xmlns='${NS}'><put url='${put}'>${headers}</put><get url='${get}'/></slot></iq>`

describe('a slot', () => {
  test('is where the file goes and where it is then, with the headers that may be said', () => {
    const headers = `<header name='Authorization'>Basic\n x</header><header name='cookie'>a=b</header><header name='Expires'>0</header><header name='X-Other'>no</header><header name='Host'>no</header>`

    expect(readSlot(stanza(slot(`${URL}?put`, headers)))).toEqual({
      put: `${URL}?put`,
      get: URL,
      headers: { Authorization: 'Basic x', cookie: 'a=b', Expires: '0' },
    })
  })

  test.each([
    'https://upload.capulet.example',
    'HTTPS://upload.capulet.example/x',
    'http://localhost/x',
    'http://localhost:5280/x',
    'http://127.0.0.1:5280/x',
    'http://[::1]/x',
  ])('may lead to %s', (url) => {
    expect(readSlot(stanza(slot(url, '', url)))?.put).toBe(url)
  })

  test.each([
    'http://upload.capulet.example/x',
    'http://localhost.evil.example/x',
    'http://localhost@evil.example/x',
    'http://127.0.0.1.evil.example/x',
    'ftp://upload.capulet.example/x',
    'javascript:alert(1)',
    'https://',
    'https:///x',
    '/x',
    '',
  ])('may not lead to %s', (url) => {
    expect(readSlot(stanza(slot(url)))).toBeUndefined()
    expect(readSlot(stanza(slot(URL, '', url)))).toBeUndefined()
  })

  test.each([
    ['nothing', "<iq type='result'/>"],
    ['no address to put it', `<iq><slot xmlns='${NS}'><get url='${URL}'/></slot></iq>`],
    ['no address to get it', `<iq><slot xmlns='${NS}'><put url='${URL}'/></slot></iq>`],
    ['another protocol', slot(URL).replace(NS, 'urn:xmpp:http:upload')],
  ])('is not what holds %s', (_what, xml) => {
    expect(readSlot(stanza(xml))).toBeUndefined()
  })
})
