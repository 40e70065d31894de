import { expect, test } from 'vitest'
import { readForm } from '../../src/protocol/xep-0004-forms.ts'
import { readFound, searchEl, searchFormEl } from '../../src/protocol/xep-0433-channel-search.ts'
import { stanza, xml } from '../support/fakes/xml.ts'

const NS = 'urn:xmpp:channel-search:0:search'
const field = (name: string, value: string): string => `<field var='${name}'><value>${value}</value></field>`
const found = (inside: string) => readFound(stanza(`<iq type='result'><result xmlns='${NS}'>${inside}</result></iq>`))

test('the form is asked for', () => {
  expect(searchFormEl()).toEqual(xml(`<search xmlns='${NS}'/>`))
})

test('a search fills in the places that the form knows', () => {
  const form = readForm(
    xml(
      `<search xmlns='${NS}'><x xmlns='jabber:x:data' type='form'><field var='q'/><field var='sinname'/><field var='key'/></x></search>`,
    ),
  )

  expect(searchEl('garden', { max: 20, after: 'x' }, form)).toEqual(
    xml(
      `<search xmlns='${NS}'><set xmlns='http://jabber.org/protocol/rsm'><max>20</max><after>x</after></set>` +
        "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'>" +
        '<value>urn:xmpp:channel-search:0:search-params</value></field>' +
        `${field('q', 'garden')}${field('sinname', '1')}</x></search>`,
    ),
  )
})

test('what was found is known as far as the service says', () => {
  expect(
    found(
      "<item address='Garden@rooms.example'><name>The Garden</name><description>At night</description>" +
        '<language>en</language><nusers>12</nusers><service-type>xep-0045</service-type><is-open/></item>' +
        "<item address='xmpp:hall@rooms.example?join'><nusers>many</nusers></item>",
    )?.rooms,
  ).toEqual([
    {
      room: 'garden@rooms.example',
      name: 'The Garden',
      description: 'At night',
      language: 'en',
      occupants: 12,
      open: true,
    },
    { room: 'hall@rooms.example', open: false },
  ])
})

test.each([
  '<item/>',
  "<item address='rooms.example'/>",
  "<item address='@@'/>",
  "<item address='garden@mix.example'><service-type>xep-0369</service-type></item>",
])('%s is no room that can be entered', (item) => {
  expect(found(item)?.rooms).toEqual([])
})

test('what is no result holds no answer', () => {
  expect(readFound(stanza(`<iq type='result'><search xmlns='${NS}'/></iq>`))).toBeUndefined()
})
