import { expect, test } from 'vitest'
import { readHats } from '../../src/protocol/xep-0317-hats.ts'
import { stanza } from '../support/fakes/xml.ts'

const read = (inside: string) => readHats(stanza(`<presence>${inside}</presence>`))

test.each(['urn:xmpp:hats:0', 'xmpp:prosody.im/protocol/hats:1'])('hats of %s are read in their order', (ns) => {
  const hats = read(`<hats xmlns='${ns}'><hat uri='u:1' title='Host'/><hat uri='u:2' title='Speaker'/></hats>`)

  expect(hats).toEqual([
    { uri: 'u:1', title: 'Host' },
    { uri: 'u:2', title: 'Speaker' },
  ])
})

test('a hat without a title is called by its address', () => {
  expect(read("<hats xmlns='urn:xmpp:hats:0'><hat uri='u:1'/></hats>")).toEqual([{ uri: 'u:1', title: 'u:1' }])
})

test.each([
  '',
  "<hats xmlns='urn:xmpp:hats:0'/>",
  "<hats xmlns='urn:xmpp:hats:0'><hat title='no address'/><hat uri=''/></hats>",
  "<hats xmlns='urn:other'><hat uri='u:1'/></hats>",
  "<hats xmlns='urn:xmpp:hats:0'><hat xmlns='urn:other' uri='u:1'/></hats>",
])('there is no hat in %j', (inside) => {
  expect(read(inside)).toEqual([])
})
