import { RawClient } from '../../test/support/raw-client.ts'
import { setSubject } from '../../test/support/raw-room.ts'
import type { ChatServer } from '../../test/support/servers/index.ts'

/** Local part of the room that the page suggests. */
export const ROOM = 'orchard'

const SUBJECT = 'The Capulet orchard: come in by as many tabs as you like'

const MESSAGES = [
  'The garden gate is open. Mind the wall, it is high.',
  'Open this page in a second tab, then in a third. To everybody in here you are still one person: nobody sees you come in again.',
  'The figures beside the chat are counted in front of the server. Watch them while you do.',
  'And what is spoken here, for the curious: https://xmpp.org/extensions/xep-0045.html',
]

/** Gives the suggested room a subject and a short history, by an account that then leaves. */
export async function seedRoom({ url, domain, mucDomain }: ChatServer, password: string): Promise<void> {
  const room = `${ROOM}@${mucDomain}`
  await using nurse = await RawClient.connect({ url, jid: `nurse@${domain}`, password, resource: 'demo' })
  await nurse.join(room, 'Nurse')
  await setSubject(nurse, room, SUBJECT)
  for (const body of MESSAGES) await nurse.say(room, body)
  await nurse.leave(room, 'Nurse')
}
