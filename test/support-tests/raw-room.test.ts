import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Element, RawClient, statusCodes } from '../support/raw-client.ts'
import { ban, configureRoom, destroyRoom, kick, setAffiliation, setRole, setSubject } from '../support/raw-room.ts'
import { type ChatServer, startServer } from '../support/servers/index.ts'

describe.each(['prosody', 'ejabberd'] as const)('on %s', (kind) => {
  let server: ChatServer
  let alice: RawClient
  let bob: RawClient
  let room: string
  let rooms = 0

  beforeAll(async () => {
    server = await startServer(kind, { accounts: { alice: 'pw', bob: 'pw' } })
  }, 600_000)

  afterAll(() => server?.dispose(), 60_000)

  beforeEach(async () => {
    const options = { url: server.url, password: 'pw', resource: 'one' }
    alice = await RawClient.connect({ ...options, jid: 'alice@localhost' })
    bob = await RawClient.connect({ ...options, jid: 'bob@localhost' })
    room = `r${++rooms}@${server.mucDomain}`
    await alice.join(room, 'alice')
  })

  afterEach(() => Promise.all([alice.close(), bob.close()]))

  /** Bob's own presence that matches. */
  function bobSees(test: (presence: Element) => boolean): Promise<Element> {
    return bob.waitFor((s) => s.is('presence') && s.attrs['from'] === `${room}/bob` && test(s), {
      what: 'the presence',
    })
  }

  const itemOf = (presence: Element) => presence.getChild('x', 'http://jabber.org/protocol/muc#user')?.getChild('item')

  test('a configured password is wanted, and may be given', async () => {
    await configureRoom(alice, room, {
      'muc#roomconfig_passwordprotectedroom': true,
      'muc#roomconfig_roomsecret': 's3',
    })

    await expect(bob.join(room, 'bob')).rejects.toMatchObject({ condition: 'not-authorized' })
    await bob.join(room, 'bob', { password: 's3' })
  })

  test('fields that were not submitted stay as they are', async () => {
    await configureRoom(alice, room, { 'muc#roomconfig_membersonly': true })
    await configureRoom(alice, room, { 'muc#roomconfig_roomname': 'Other name' })

    await expect(bob.join(room, 'bob')).rejects.toMatchObject({ condition: 'registration-required' })
  })

  test('a member may enter a members-only room', async () => {
    await configureRoom(alice, room, { 'muc#roomconfig_membersonly': true })

    await setAffiliation(alice, room, 'bob@localhost', 'member')

    await bob.join(room, 'bob')
  })

  test('a role is given', async () => {
    await bob.join(room, 'bob')

    await setRole(alice, room, 'bob', 'moderator')

    await bobSees((presence) => itemOf(presence)?.attrs['role'] === 'moderator')
  })

  test('a kick says 307 and why, and one may come back', async () => {
    await bob.join(room, 'bob')

    await kick(alice, room, 'bob', 'too loud')

    const gone = await bobSees((presence) => statusCodes(presence).includes('307'))
    expect(itemOf(gone)?.getChildText('reason')).toBe('too loud')
    await bob.join(room, 'bob')
  })

  test('a ban says 301, and one may not come back', async () => {
    await bob.join(room, 'bob')

    await ban(alice, room, 'bob@localhost')

    await bobSees((presence) => statusCodes(presence).includes('301'))
    await expect(bob.join(room, 'bob')).rejects.toMatchObject({ condition: 'forbidden' })
  })

  test('a destroyed room says so, with another place to go to', async () => {
    await bob.join(room, 'bob')

    await destroyRoom(alice, room, { reason: 'moved', alternate: `new@${server.mucDomain}` })

    const gone = await bobSees((presence) => presence.attrs['type'] === 'unavailable')
    const destroy = gone.getChild('x', 'http://jabber.org/protocol/muc#user')?.getChild('destroy')
    expect(destroy?.attrs['jid']).toBe(`new@${server.mucDomain}`)
    expect(destroy?.getChildText('reason')).toBe('moved')
  })

  test('a subject is set for all', async () => {
    await bob.join(room, 'bob')

    await setSubject(alice, room, 'Tea & cake')

    await bob.waitFor((s) => s.getChildText('subject') === 'Tea & cake', { what: 'the subject' })
  })

  test('one without the right to it is refused', async () => {
    await bob.join(room, 'bob')

    await expect(kick(bob, room, 'alice')).rejects.toMatchObject({ condition: /forbidden|not-allowed/ })
    await expect(destroyRoom(bob, room)).rejects.toMatchObject({ condition: 'forbidden' })
  })
})
