import { expect, test } from 'vitest'
import { readOccupantId } from '../../src/protocol/xep-0421-occupant-id.ts'
import { stanza } from '../support/fakes/xml.ts'

test.each([
  ["<occupant-id xmlns='urn:xmpp:occupant-id:0' id='dd72603d'/>", 'dd72603d'],
  ["<occupant-id xmlns='urn:xmpp:occupant-id:0' id='__proto__'/>", '__proto__'],
  ["<occupant-id xmlns='urn:xmpp:occupant-id:0' id=''/>", undefined],
  ["<occupant-id xmlns='urn:xmpp:occupant-id:0'/>", undefined],
  ["<occupant-id xmlns='urn:other' id='1'/>", undefined],
  ['', undefined],
])('the occupant id in %s is %j', (inside, id) => {
  expect(readOccupantId(stanza(`<presence>${inside}</presence>`))).toBe(id)
})
