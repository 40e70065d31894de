import { expect, test } from 'vitest'
import { activityPresence, readActivity } from '../../src/protocol/xep-0437-activity.ts'
import { stanza } from '../support/fakes/xml.ts'

const SERVICE = 'rooms.example'
const message = (inside: string) => stanza(`<message from='${SERVICE}'>${inside}</message>`)
const rai = (...rooms: readonly string[]) =>
  message(`<rai xmlns='urn:xmpp:rai:0'>${rooms.map((room) => `<activity>${room}</activity>`).join('')}</rai>`)

test('a presence asks the service for its word', () => {
  expect(activityPresence(SERVICE, '1')).toEqual(
    stanza(`<presence to='${SERVICE}' id='1'><rai xmlns='urn:xmpp:rai:0'/></presence>`),
  )
})

test('the service names rooms', () => {
  expect(readActivity(rai(`garden@${SERVICE}`, ` hall@${SERVICE}\n`), SERVICE)).toEqual([
    `garden@${SERVICE}`,
    `hall@${SERVICE}`,
  ])
})

test.each(['garden@other.example', `garden@${SERVICE}/romeo`, SERVICE, '', `@`])(
  'a service has nothing to say of %j',
  (room) => {
    expect(readActivity(rai(room), SERVICE)).toEqual([])
  },
)

test('other messages say nothing of it', () => {
  expect(readActivity(message('<body>rai</body>'), SERVICE)).toBeUndefined()
  expect(readActivity(message("<rai xmlns='urn:other'/>"), SERVICE)).toBeUndefined()
})
