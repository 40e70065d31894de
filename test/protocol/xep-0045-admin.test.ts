import { describe, expect, test } from 'vitest'
import { emptySubmit, readForm } from '../../src/protocol/xep-0004-forms.ts'
import {
  configurationOf,
  configurationRequest,
  configureRequest,
  destroyRequest,
  destroysRoom,
  listRequest,
  readList,
  setAffiliationRequest,
  setRoleRequest,
} from '../../src/protocol/xep-0045-admin.ts'
import { SERVERS, trace } from '../support/fakes/traces.ts'
import { stanza, xml } from '../support/fakes/xml.ts'

const ADMIN = "<query xmlns='http://jabber.org/protocol/muc#admin'>"
const OWNER = "<query xmlns='http://jabber.org/protocol/muc#owner'>"

describe('requests', () => {
  test('a kick takes the role, and says why', () => {
    expect(setRoleRequest('r@m', '1', 'bob', 'none', 'go away')).toEqual(
      stanza(
        `<iq type='set' to='r@m' id='1'>${ADMIN}<item nick='bob' role='none'><reason>go away</reason></item></query></iq>`,
      ),
    )
  })

  test('a ban takes the affiliation, of an address', () => {
    expect(setAffiliationRequest('r@m', '1', 'bob@localhost', 'outcast')).toEqual(
      stanza(`<iq type='set' to='r@m' id='1'>${ADMIN}<item jid='bob@localhost' affiliation='outcast'/></query></iq>`),
    )
  })

  test.each([
    [{ affiliation: 'member' } as const, "<item affiliation='member'/>"],
    [{ role: 'moderator' } as const, "<item role='moderator'/>"],
  ])('a list is asked for by %j', (of, item) => {
    expect(listRequest('r@m', '1', of)).toEqual(stanza(`<iq type='get' to='r@m' id='1'>${ADMIN}${item}</query></iq>`))
  })

  test('the configuration is asked for, and given', () => {
    expect(configurationRequest('r@m', '1')).toEqual(stanza(`<iq type='get' to='r@m' id='1'>${OWNER}</query></iq>`))
    expect(configureRequest('r@m', '1', emptySubmit())).toEqual(
      stanza(`<iq type='set' to='r@m' id='1'>${OWNER}<x xmlns='jabber:x:data' type='submit'/></query></iq>`),
    )
  })

  test('a room is ended, with where it goes and why', () => {
    expect(destroyRequest('r@m', '1', { alternate: 'other@m', password: 'key', reason: 'closed' })).toEqual(
      stanza(
        `<iq type='set' to='r@m' id='1'>${OWNER}<destroy jid='other@m'><password>key</password><reason>closed</reason></destroy></query></iq>`,
      ),
    )
    expect(destroyRequest('r@m', '1', {})).toEqual(
      stanza(`<iq type='set' to='r@m' id='1'>${OWNER}<destroy/></query></iq>`),
    )
  })
})

describe('readList', () => {
  test('gives everybody with what is known of them', () => {
    const result = stanza(
      `<iq type='result'>${ADMIN}<item jid='a@b' affiliation='outcast'><reason>spam</reason></item><item nick='bob' role='moderator' jid='bob@b/1' affiliation='none'/></query></iq>`,
    )

    expect(readList(result)).toEqual([
      { jid: 'a@b', affiliation: 'outcast', reason: 'spam' },
      { nick: 'bob', role: 'moderator', jid: 'bob@b/1', affiliation: 'none' },
    ])
  })

  test.each([
    `<iq type='result'>${ADMIN}</query></iq>`,
    "<iq type='result'/>",
    `<iq type='result'>${OWNER}</query></iq>`,
  ])('is empty for %s', (text) => {
    expect(readList(stanza(text))).toEqual([])
  })
})

test('the configuration form is in the query of the answer', () => {
  const query = configurationOf(stanza(`<iq type='result'>${OWNER}<x xmlns='jabber:x:data' type='form'/></query></iq>`))

  expect(query && readForm(query)?.type).toBe('form')
  expect(configurationOf(stanza("<iq type='result'/>"))).toBeUndefined()
})

test.each(SERVERS)('what a moderator asks of %s has the form that is granted there', (server) => {
  const frames = trace(server, '26').map((frame) => [frame.direction, xml(frame.xml)] as const)
  const asked = frames.filter(([direction, node]) => direction === 'to server' && node.name === 'iq')
  const [voice, moderator, member] = asked.map(([, node]) => node)

  for (const [, node] of asked) {
    const answer = frames.find(
      ([direction, { attrs }]) => direction === 'to client' && attrs['id'] === node.attrs['id'],
    )
    expect(answer?.[1].attrs['type']).toBe('result')
  }
  const room = voice?.attrs['to'] ?? ''
  expect(setRoleRequest(room, voice?.attrs['id'] ?? '', 'bob', 'participant')).toEqual(voice)
  expect(setRoleRequest(room, moderator?.attrs['id'] ?? '', 'bob', 'moderator')).toEqual(moderator)
  expect(setAffiliationRequest(room, member?.attrs['id'] ?? '', 'bob@localhost', 'member')).toEqual(member)
})

test('a request ends a room where its owners destroy it, and by nothing else', () => {
  const asks = (inside: string): boolean => destroysRoom(stanza(`<iq type='set'>${inside}</iq>`))

  expect(destroysRoom(destroyRequest('garden@rooms.example', 'd1'))).toBe(true)
  expect(asks(`${OWNER}<destroy jid='hall@rooms.example'/></query>`)).toBe(true)
  expect(asks(`${OWNER}<x xmlns='jabber:x:data' type='cancel'/></query>`)).toBe(false)
  expect(asks("<query xmlns='jabber:iq:private'><destroy/></query>")).toBe(false)
})
