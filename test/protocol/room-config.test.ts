import { describe, expect, test } from 'vitest'
import { type RoomConfig, readRoomConfig } from '../../src/protocol/room-config.ts'
import { readDiscoInfo } from '../../src/protocol/xep-0030-disco.ts'
import { roomOf, SERVERS, type Server, trace } from '../support/fakes/traces.ts'
import { stanza, xml } from '../support/fakes/xml.ts'

const read = (inside: string): RoomConfig | undefined =>
  readRoomConfig(
    stanza(`<iq type='result'><query xmlns='http://jabber.org/protocol/disco#info'>${inside}</query></iq>`),
  )
const features = (...names: readonly string[]): string => names.map((name) => `<feature var='${name}'/>`).join('')
const info = (fields: Readonly<Record<string, string>>): string =>
  `<x xmlns='jabber:x:data' type='result'>${Object.entries(fields)
    .map(([name, value]) => `<field var='${name}'><value>${value}</value></field>`)
    .join('')}</x>`

describe('what a room says of itself', () => {
  test('is its name, description, language and avatar', () => {
    const identity = "<identity category='conference' type='text' name='The garden'/>"
    const form = info({
      'muc#roominfo_description': 'By night',
      'muc#roominfo_lang': 'it',
      'muc#roominfo_avatarhash': 'abc',
    })

    expect(read(identity + form)).toMatchObject({
      name: 'The garden',
      description: 'By night',
      language: 'it',
      avatarHash: 'abc',
    })
  })

  test('is nothing of these where they are empty, or another identity has the name', () => {
    const identity = "<identity category='conference' type='text'/><identity category='gateway' type='irc' name='x'/>"

    const config = read(identity + info({ 'muc#roominfo_description': '', 'muc#roominfo_lang': '' }))

    for (const name of ['name', 'description', 'language', 'avatarHash']) expect(config).not.toHaveProperty(name)
  })

  test.each<[keyof RoomConfig, string, string]>([
    ['membersOnly', 'muc_membersonly', 'muc_open'],
    ['moderated', 'muc_moderated', 'muc_unmoderated'],
    ['passwordProtected', 'muc_passwordprotected', 'muc_unsecured'],
    ['persistent', 'muc_persistent', 'muc_temporary'],
    ['public', 'muc_public', 'muc_hidden'],
    ['nonAnonymous', 'muc_nonanonymous', 'muc_semianonymous'],
    ['archived', 'urn:xmpp:mam:2', 'urn:xmpp:mam:1'],
  ])('is %s by %s, and not by %s', (what, yes, no) => {
    expect([read(features(yes))?.[what], read(features(no))?.[what], read('')?.[what]]).toEqual([true, false, false])
  })

  test('is all that it lists, in its order', () => {
    expect(read(features('urn:b', 'urn:a', 'urn:b'))?.features).toEqual(['urn:b', 'urn:a'])
  })

  test.each([
    "<iq type='result'/>",
    "<iq type='result'><query xmlns='jabber:iq:version'/></iq>",
    "<iq type='error'><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
  ])('is not in %s', (text) => {
    expect(readRoomConfig(stanza(text))).toBeUndefined()
  })
})

/** The answer of a room in situation 06: one with the feature of rooms, from a bare JID. */
function roomOnServer(server: Server): RoomConfig | undefined {
  const answers = trace(server, '06')
    .filter(({ direction }) => direction === 'to client')
    .map((frame) => xml(frame.xml))
    .filter((node) => node.name === 'iq' && roomOf(node) === node.attrs['from'] && readDiscoInfo(node))
  expect(answers).toHaveLength(1)
  return answers[0] && readRoomConfig(answers[0])
}

test.each<[Server, boolean]>([
  ['prosody', false],
  ['prosody13', false],
  ['ejabberd', true],
  ['ejabberd24', true],
])('a new room of %s is persistent, public, archived and semi-anonymous; moderated: %s', (server, moderated) => {
  expect(roomOnServer(server)).toMatchObject({
    language: 'en',
    persistent: true,
    public: true,
    archived: true,
    nonAnonymous: false,
    membersOnly: false,
    passwordProtected: false,
    moderated,
  })
})

test.each(SERVERS.map((server) => [server, server !== 'ejabberd'] as const))(
  'a room of %s lists occupant ids: %s',
  (server, listed) => {
    expect(roomOnServer(server)?.features.includes('urn:xmpp:occupant-id:0')).toBe(listed)
  },
)
