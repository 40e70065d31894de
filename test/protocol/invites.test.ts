import { describe, expect, test } from 'vitest'
import { declineMessage, inviteMessage, readDeclined, readInvite } from '../../src/protocol/invites.ts'
import { SERVERS, trace } from '../support/fakes/traces.ts'
import { stanza, xml } from '../support/fakes/xml.ts'

const USER = "<x xmlns='http://jabber.org/protocol/muc#user'>"
const DIRECT = (attributes: string): string => `<x xmlns='jabber:x:conference' ${attributes}/>`

describe('readInvite', () => {
  test('reads one that the room passes on', () => {
    const text = `<message from='r@m'>${USER}<invite from='romeo@m/orchard'><reason>come</reason></invite><password>key</password></x></message>`

    expect(readInvite(stanza(text))).toEqual({
      room: 'r@m',
      from: 'romeo@m/orchard',
      reason: 'come',
      password: 'key',
      mediated: true,
    })
  })

  test.each(['R@M', 'r@m.', 'ｒ@m'])('takes a room written %s for the one that it is', (room) => {
    expect(readInvite(stanza(`<message from='bob@m/x'>${DIRECT(`jid='${room}'`)}</message>`))?.room).toBe('r@m')
  })

  test.each(['r@m/n', 'm', '', 'no address', '@m'])('reads none to %s, which is no room', (room) => {
    expect(readInvite(stanza(`<message from='bob@m/x'>${DIRECT(`jid='${room}'`)}</message>`))).toBeUndefined()
  })

  test('reads one that somebody sends directly', () => {
    const text = `<message from='romeo@m/orchard'>${DIRECT("jid='r@m' reason='come' password='key'")}</message>`

    expect(readInvite(stanza(text))).toEqual({
      room: 'r@m',
      from: 'romeo@m',
      reason: 'come',
      password: 'key',
      mediated: false,
    })
  })

  test('takes both in one message for one, which the room passed on', () => {
    const text = `<message from='r@m'>${USER}<invite from='romeo@m'/></x>${DIRECT("jid='r@m'")}<body>come</body></message>`

    expect(readInvite(stanza(text))).toEqual({ room: 'r@m', from: 'romeo@m', mediated: true })
  })

  test('says no more than is known', () => {
    expect(readInvite(stanza(`<message from='r@m'>${USER}<invite/></x></message>`))).toEqual({
      room: 'r@m',
      mediated: true,
    })
  })

  test.each([
    [
      'an occupant who pretends to be the room',
      `<message from='r@m/evil'>${USER}<invite from='romeo@m'/></x></message>`,
    ],
    ['nobody', `<message>${USER}<invite/></x></message>`],
    ['somebody who names an occupant', `<message from='romeo@m'>${DIRECT("jid='r@m/nick'")}</message>`],
    ['somebody who names no room', `<message from='romeo@m'>${DIRECT('')}</message>`],
    ['somebody who only talks', "<message from='romeo@m'><body>come</body></message>"],
    ['a private message', `<message from='r@m/romeo' type='chat'>${USER}</x><body>psst</body></message>`],
    [
      'a server that sends back what it refused',
      `<message from='r@m' type='error'>${USER}<invite to='bob@m'/></x><error type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>`,
    ],
    ['a server that sends back a direct one', `<message from='bob@m' type='error'>${DIRECT("jid='r@m'")}</message>`],
  ])('is nothing from %s', (_who, text) => {
    expect(readInvite(stanza(text))).toBeUndefined()
  })

  test.each(SERVERS)('reads what %s makes of one of each', (server) => {
    const invites = trace(server, '60')
      .filter(({ direction, who }) => direction === 'to client' && who === 'bob/one')
      .flatMap((frame) => readInvite(xml(frame.xml)) ?? [])

    expect(invites.map(({ mediated, reason }) => [mediated, reason])).toEqual([
      [true, 'come'],
      [false, 'come'],
    ])
    expect(new Set(invites.map(({ room }) => room)).size).toBe(1)
  })
})

describe('a refusal', () => {
  test('is read with who and why', () => {
    const text = `<message from='r@m'>${USER}<decline from='bob@m'><reason>busy</reason></decline></x></message>`

    expect(readDeclined(stanza(text))).toEqual({ from: 'bob@m', reason: 'busy' })
  })

  test.each([
    `<message from='r@m'>${USER}<decline/></x></message>`,
    `<message from='r@m'>${USER}</x></message>`,
    "<message from='r@m'/>",
  ])('is not in %s', (text) => {
    expect(readDeclined(stanza(text))).toBeUndefined()
  })
})

test('an invitation asks the room to pass it on', () => {
  expect(inviteMessage('r@m', '1', 'bob@m', 'come')).toEqual(
    stanza(`<message to='r@m' id='1'>${USER}<invite to='bob@m'><reason>come</reason></invite></x></message>`),
  )
  expect(inviteMessage('r@m', '1', 'bob@m')).toEqual(
    stanza(`<message to='r@m' id='1'>${USER}<invite to='bob@m'/></x></message>`),
  )
})

test('a refusal goes by the room', () => {
  expect(declineMessage('r@m', '1', 'romeo@m', 'busy')).toEqual(
    stanza(`<message to='r@m' id='1'>${USER}<decline to='romeo@m'><reason>busy</reason></decline></x></message>`),
  )
})
