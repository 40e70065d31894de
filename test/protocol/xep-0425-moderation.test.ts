import { expect, test } from 'vitest'
import { readRoomStanza } from '../../src/protocol/room-stanza.ts'
import { readModerated } from '../../src/protocol/xep-0425-moderation.ts'
import { stanza } from '../support/fakes/xml.ts'

const ROOM = 'garden@rooms.example'
const OF_OLD = `<apply-to xmlns='urn:xmpp:fasten:0' id='a1'><moderated xmlns='urn:xmpp:message-moderate:0' by='${ROOM}/nurse'><retract xmlns='urn:xmpp:message-retract:0'/></moderated></apply-to>`
const OF_NOW = `<retract xmlns='urn:xmpp:message-retract:1' id='a1'><moderated xmlns='urn:xmpp:message-moderate:1'/></retract>`
const RETRACTED = `<retract xmlns='urn:xmpp:message-retract:1' id='a1'/>`
const message = (inside: string, from = ROOM) => stanza(`<message from='${from}' type='groupchat'>${inside}</message>`)

test.each([
  ['in the words of now', OF_NOW, 'a1'],
  ['in those of old', OF_OLD, 'a1'],
  ['of nobody, where its author took it away', RETRACTED, undefined],
  ['of nobody, where nothing was taken away', '<body>hark</body>', undefined],
])('the message that a moderator took away is read %s', (_, inside, id) => {
  expect(readModerated(message(inside))).toBe(id)
})

test('it counts only where the room itself says so', () => {
  expect(readRoomStanza(message(OF_NOW), ROOM)).toMatchObject({ kind: 'moderation', archiveId: 'a1' })
  expect(readRoomStanza(message(OF_NOW, `${ROOM}/romeo`), ROOM)).not.toMatchObject({ kind: 'moderation' })
})
