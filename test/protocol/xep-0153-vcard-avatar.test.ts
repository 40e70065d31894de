import { expect, test } from 'vitest'
import { readAvatarHash } from '../../src/protocol/xep-0153-vcard-avatar.ts'
import { stanza } from '../support/fakes/xml.ts'

test.each([
  ["<x xmlns='vcard-temp:x:update'><photo>DA39a3ee</photo></x>", 'da39a3ee'],
  ["<x xmlns='vcard-temp:x:update'><photo>\n  da39 \n</photo></x>", 'da39'],
  ["<x xmlns='vcard-temp:x:update'><photo/></x>", undefined],
  ["<x xmlns='vcard-temp:x:update'/>", undefined],
  ["<x xmlns='urn:other'><photo>da39</photo></x>", undefined],
  ["<x xmlns='http://jabber.org/protocol/muc#user'/><x xmlns='vcard-temp:x:update'><photo>da39</photo></x>", 'da39'],
  ['', undefined],
])('the avatar of %s is %j', (inside, hash) => {
  expect(readAvatarHash(stanza(`<presence>${inside}</presence>`))).toBe(hash)
})
