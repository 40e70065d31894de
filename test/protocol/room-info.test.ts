import { expect, test } from 'vitest'
import { readRoomInfo } from '../../src/protocol/room-config.ts'
import { stanza } from '../support/fakes/xml.ts'

const ROOM = 'garden@rooms.example'
const IDENTITY = "<identity category='conference' type='text'/>"
const feature = (name: string): string => `<feature var='${name}'/>`
const field = (name: string, ...values: readonly string[]): string =>
  `<field var='${name}'>${values.map((value) => `<value>${value}</value>`).join('')}</field>`
const info = (inside: string) =>
  readRoomInfo(
    ROOM,
    stanza(`<iq type='result'><query xmlns='http://jabber.org/protocol/disco#info'>${inside}</query></iq>`),
  )
const form = (...fields: readonly string[]): string => `<x xmlns='jabber:x:data' type='result'>${fields.join('')}</x>`

test('a room says who is in, what it is about, and who answers for it', () => {
  const fields = [
    field('muc#roominfo_occupants', '3'),
    field('muc#roominfo_subject', 'Roses'),
    field('muc#roomconfig_roomname', 'The Garden'),
    field('muc#roominfo_description', 'At night'),
    field('muc#roominfo_contactjid', 'Nurse@capulet.example', '@', 'friar@verona.example/cell'),
  ]

  expect(info(IDENTITY + feature('muc_nonanonymous') + form(...fields))).toMatchObject({
    room: ROOM,
    name: 'The Garden',
    description: 'At night',
    subject: 'Roses',
    occupants: 3,
    open: true,
    nonAnonymous: true,
    contacts: ['nurse@capulet.example', 'friar@verona.example'],
  })
})

test.each(['muc_membersonly', 'muc_passwordprotected'])('one that is %s is not open', (name) => {
  expect(info(IDENTITY + feature(name))).toMatchObject({ open: false })
})

test.each(['-1', 'many', '', '12345678901'])('%j is no number of occupants', (count) => {
  expect(info(IDENTITY + form(field('muc#roominfo_occupants', count)))).not.toHaveProperty('occupants')
})

test('what has another identity is no room', () => {
  expect(info("<identity category='account' type='registered'/>")).toBeUndefined()
  expect(readRoomInfo(ROOM, stanza("<iq type='result'/>"))).toBeUndefined()
})
