import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MinimixError } from '../../src/contract/errors.ts'
import type { Account } from '../../src/tab/account.ts'
import type { AccountEvents } from '../../src/tab/events.ts'
import { conference } from '../support/fakes/fake-pep.ts'
import { NS_MUC_USER, ROOM, said } from '../support/fakes/room-xml.ts'
import { type TabStage, tabStage } from '../support/fakes/tab-pair.ts'
import { stanza, xml } from '../support/fakes/xml.ts'

let stage: TabStage
beforeEach(() => {
  stage = tabStage()
})
afterEach(() => stage.end())

const NURSE = 'nurse@capulet.example'
const heard = <N extends keyof AccountEvents>(account: Account, name: N): AccountEvents[N][] => {
  const events: AccountEvents[N][] = []
  account.on(name, (event) => events.push(event))
  return events
}
const sentTo = (to: string) => stage.upstream.sent.filter(({ attrs }) => attrs['to'] === to)

describe('an argument that makes no sense', () => {
  test.each<[string, (account: Account) => unknown]>([
    ['setPresence({ show })', (account) => account.setPresence({ show: 'invisible' as never })],
    ['setPresence({ status })', (account) => account.setPresence({ status: 7 as never })],
    ['setPresence({ priority })', (account) => account.setPresence({ priority: 128 })],
    ['setPresence()', (account) => account.setPresence('away' as never)],
    ['setActivity()', (account) => account.setActivity('asleep' as never)],
    ['directPresence(to)', (account) => account.directPresence(7 as never, null)],
    ['directPresence(…, { show })', (account) => account.directPresence(NURSE, { show: 'here' as never })],
    ['request({ to })', (account) => account.request({ to: 7 as never, type: 'get', payload: stanza('<iq/>') })],
    ['request({ type })', (account) => account.request({ type: 'result' as never, payload: stanza('<iq/>') })],
    ['request({ payload })', (account) => account.request({ type: 'get', payload: '<ping/>' as never })],
    ['declineInvite(…, reason)', (account) => account.declineInvite(ROOM, 7 as never)],
    ['bookmarks.set({ autojoin })', (account) => account.bookmarks.set({ room: ROOM, autojoin: 'yes' as never })],
  ])('of %s throws TypeError at once', async (_what, call) => {
    const { account } = await stage.tab()

    expect(() => call(account)).toThrow(TypeError)
  })

  test.each<[string, (account: Account) => unknown]>([
    ['directPresence', (account) => account.directPresence('@capulet.example', null)],
    ['request', (account) => account.request({ to: 'a b@c', type: 'get', payload: stanza('<iq/>') })],
    ['declineInvite', (account) => account.declineInvite(`${ROOM}/romeo`)],
    ['bookmarks.set', (account) => account.bookmarks.set({ room: `${ROOM}/romeo` })],
    ['bookmarks.remove', (account) => account.bookmarks.remove('')],
  ])('as the address of %s throws jid-malformed at once', async (_what, call) => {
    const { account } = await stage.tab()

    expect(() => call(account)).toThrow(expect.objectContaining({ code: 'jid-malformed' }))
  })
})

describe('presence', () => {
  test('that one tab sets is that of every tab, and says what is shown then', async () => {
    const [{ account: a1 }, { account: a2 }] = [await stage.tab(), await stage.tab()]
    const told = heard(a2, 'presence')

    expect(await stage.until(a1.setPresence({ show: 'dnd', status: 'supper' }))).toEqual({
      show: 'dnd',
      status: 'supper',
    })
    await stage.settle()

    expect(told).toEqual([{ show: 'dnd', status: 'supper' }])
    expect([a1.presence, a2.presence]).toEqual([told[0], told[0]])
    expect(await stage.until(a2.setPresence(null))).toEqual({ show: 'online' })
  })

  test('follows what the app says of the person, once every tab says it', async () => {
    const [{ account: a1 }, { account: a2 }] = [await stage.tab(), await stage.tab()]

    await stage.until(a1.setActivity('away'))
    expect(a2.presence).toEqual({ show: 'online' })
    await stage.until(a2.setActivity('xa'))
    await stage.settle()

    expect([a1.presence, a2.presence]).toEqual([{ show: 'away' }, { show: 'away' }])
  })

  test('to somebody in particular goes to the address in its normal form, and ends with the tab', async () => {
    const { account } = await stage.tab()

    await stage.until(account.directPresence('Nurse@Capulet.Example', { show: 'chat' }))
    await stage.until(account.detach())
    await stage.settle()

    expect(sentTo(NURSE).map(({ attrs }) => attrs['type'])).toEqual([undefined, 'unavailable'])
  })

  test('to a room that the tab is in, however it is written, is what the account shows, and its nick there', async () => {
    const { account, room } = await stage.tabInRoom()

    await stage.until(account.directPresence('Garden@ROOMS.example/Capulet', { show: 'chat' }))
    await stage.settle()

    expect([account.presence.show, room.nick]).toEqual(['chat', 'Capulet'])
    expect(await stage.failure(account.directPresence('Garden@ROOMS.example/Capulet', null))).toMatchObject({
      code: 'not-acceptable',
    })
  })
})

describe('bookmarks', () => {
  test('that one tab sets, changes and removes are those of every tab', async () => {
    const [{ account: a1 }, { account: a2 }] = [await stage.tab(), await stage.tab()]
    const told = heard(a2, 'bookmark')

    await stage.until(a1.bookmarks.set({ room: 'Hall@Rooms.Example', name: 'The hall' }))
    expect(await stage.until(a2.bookmarks.list())).toEqual([
      { room: 'hall@rooms.example', name: 'The hall', autojoin: false },
    ])
    await stage.until(a2.bookmarks.remove('hall@rooms.example'))
    await stage.settle()

    expect(await stage.until(a1.bookmarks.list())).toEqual([])
    expect(told.map(({ bookmark }) => bookmark?.name)).toEqual(['The hall', undefined])
  })

  test('with autojoin show what the account is in, in a tab that has not joined', async () => {
    const { account, room } = await stage.tab()
    const told = heard(account, 'membership')

    stage.pep.set(ROOM, conference("autojoin='1'"))
    await stage.settle()

    expect(told).toEqual([{ room: ROOM, change: 'joined', by: 'bookmark' }])
    expect([...account.memberships]).toEqual([[ROOM, { nick: 'juliet' }]])
    expect(room.state).toBe('out')
  })

  test('of a server that has nowhere to keep them cannot be listed', async () => {
    stage.end()
    stage = tabStage({ bookmarks: 'none' })
    const { account } = await stage.tab()

    expect(await stage.failure(account.bookmarks.list())).toMatchObject({ code: 'offline' })
    expect(await stage.failure(account.bookmarks.set({ room: ROOM }))).toMatchObject({
      code: 'stanza-error',
      condition: 'service-unavailable',
    })
  })
})

describe('invitations', () => {
  const INVITE = `<message from='hall@rooms.example'><x xmlns='${NS_MUC_USER}'><invite from='romeo@montague.example'/></x></message>`

  test('wait in every tab until one of them answers', async () => {
    const [{ account: a1 }, { account: a2 }] = [await stage.tab(), await stage.tab()]
    const closed = heard(a2, 'invite-closed')
    stage.upstream.stream.deliver(INVITE)
    await stage.settle()
    expect([...a2.invites.keys()]).toEqual(['hall@rooms.example'])

    await stage.until(a1.declineInvite('hall@rooms.example', 'supper'))
    await stage.settle()

    expect(closed).toEqual([{ room: 'hall@rooms.example' }])
    expect([a1.invites.size, a2.invites.size]).toEqual([0, 0])
  })

  test('are told once, also to a tab whose worker has died meanwhile', async () => {
    const { account } = await stage.tab()
    const told = heard(account, 'invite')
    stage.upstream.stream.deliver(INVITE)
    await stage.settle()

    stage.worker.die()
    await stage.settle()
    await stage.settle()
    stage.upstream.stream.deliver(INVITE)
    await stage.settle()

    expect(told).toHaveLength(1)
  })

  test('of ours that are refused are told with who and why', async () => {
    const { account } = await stage.tabInRoom()
    const told = heard(account, 'invite-declined')

    stage.upstream.stream.deliver(
      `<message from='${ROOM}'><x xmlns='${NS_MUC_USER}'><decline from='${NURSE}'><reason>no</reason></decline></x></message>`,
    )
    await stage.settle()

    expect(told).toEqual([{ room: ROOM, from: NURSE, reason: 'no' }])
  })
})

describe('request()', () => {
  const payload = xml("<query xmlns='urn:x'/>")

  test('gives the whole result, from the address in its normal form', async () => {
    const { account } = await stage.tab()
    const waiting = account.request({ to: 'Capulet.Example', type: 'get', payload })
    await stage.settle()
    const [request] = sentTo('capulet.example')

    stage.upstream.stream.deliver(
      `<iq type='result' from='capulet.example' id='${request?.attrs['id']}'><query xmlns='urn:x'>yes</query></iq>`,
    )

    expect(await stage.until(waiting)).toMatchObject({ name: 'iq', children: [{ name: 'query', children: ['yes'] }] })
  })

  test('that is refused rejects with condition and text', async () => {
    const { account } = await stage.tab()
    const waiting = account.request({ to: 'capulet.example', type: 'set', payload })
    await stage.settle()
    const id = stage.upstream.sent.at(-1)?.attrs['id']

    stage.upstream.stream.deliver(
      `<iq type='error' from='capulet.example' id='${id}'><error type='modify'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>what?</text></error></iq>`,
    )
    const error = await stage.failure(waiting)

    expect(error).toBeInstanceOf(MinimixError)
    expect(error).toMatchObject({ code: 'stanza-error', condition: 'bad-request', text: 'what?' })
  })
})

describe('stanzas', () => {
  test('are given to the tab that listens, with whether the SDK made something of them', async () => {
    const [t1, t2] = [await stage.tabInRoom(), await stage.tabInRoom()]
    const [told, other] = [heard(t1.account, 'stanza'), t2.all('message')]
    await stage.settle()

    stage.room.say('romeo', 'hark')
    stage.upstream.stream.deliver(`<message from='${NURSE}/x' type='headline'><body>psst</body></message>`)
    await stage.settle()

    expect(told.map(({ stanza: node, handled }) => [node.attrs['from'], handled])).toEqual([
      [`${ROOM}/romeo`, true],
      [`${NURSE}/x`, false],
    ])
    expect(other).toEqual([])
  })

  test('are not given any more when the last listener is off', async () => {
    const { account } = await stage.tabInRoom()
    const told: unknown[] = []
    const ending = new AbortController()
    const off = account.on('stanza', (event) => told.push(event))
    account.on('stanza', (event) => told.push(event), { signal: ending.signal })
    await stage.settle()

    off()
    off()
    stage.upstream.stream.deliver(said('romeo', 'one'))
    await stage.settle()
    expect(told).toHaveLength(1)
    ending.abort()
    await stage.settle()
    stage.upstream.stream.deliver(said('romeo', 'two'))
    await stage.settle()

    expect(told).toHaveLength(1)
  })

  test('are given by the next worker, too', async () => {
    const { account } = await stage.tabInRoom()
    const told = heard(account, 'stanza')
    await stage.settle()

    stage.worker.die()
    await stage.settle()
    await stage.settle()
    told.length = 0
    stage.room.say('romeo', 'hark')
    await stage.settle()

    expect(told).toMatchObject([{ handled: true }])
  })
})
