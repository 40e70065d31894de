import { afterEach, describe, expect, test } from 'vitest'
import type { Account, Room } from '../../src/index.ts'
import type { Plugin } from '../../src/start-broker.ts'
import { type FakeServer, type FakeServerOptions, fakeServer } from '../../src/testing/index.ts'

const ROOM = 'garden@rooms.example'
const JULIET = 'juliet@example'
const open: FakeServer[] = []

afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
})

async function stage(options: FakeServerOptions = {}) {
  const server = fakeServer({ startMs: Date.UTC(2030, 0, 1), ...options })
  open.push(server)
  const room = server.room(ROOM)
  const bob = room.join('bob')
  const account = await server.connect({ jid: JULIET })
  const garden = account.room(ROOM)
  await garden.join({ nick: 'juliet' })
  return { server, room, bob, account, garden }
}

/** All events of one name. */
function all<N extends Parameters<Room['on']>[0]>(room: Room, name: N): unknown[] {
  const heard: unknown[] = []
  room.on(name, (event) => heard.push(event))
  return heard
}

describe('somebody in a room', () => {
  test('comes, has another name, shows something, and goes', async () => {
    const { server, room, garden } = await stage()
    const changes: string[] = []
    garden.on('occupant-joined', ({ occupant }) => changes.push(`came ${occupant.nick}`))
    garden.on('nick-changed', ({ occupant, before }) => changes.push(`${before.nick} is ${occupant.nick}`))
    garden.on('occupant-changed', ({ occupant }) => changes.push(`${occupant.show} ${occupant.status}`))
    garden.on('occupant-left', ({ occupant, reason }) => changes.push(`left ${occupant.nick} ${reason}`))

    const romeo = room.join('romeo')
    romeo.setNick('Romeo')
    romeo.show({ show: 'away', status: 'on the wall' })
    romeo.leave('adieu')
    await server.settled()

    expect(changes).toEqual(['came romeo', 'romeo is Romeo', 'away on the wall', 'left Romeo adieu'])
    expect(romeo.isIn).toBe(false)
    expect(room.nicks).toEqual(['bob', 'juliet'])
  })

  test('whispers, and hears what is whispered', async () => {
    const { server, bob, garden } = await stage()
    const whispers: string[] = []
    garden.on('private-message', ({ nick, body, own }) => whispers.push(`${own ? 'to' : 'from'} ${nick}: ${body}`))

    bob.whisper('juliet', 'psst')
    await garden.sendPrivate('bob', 'what?')
    await server.settled()

    expect(whispers).toContain('from bob: psst')
    expect(bob.heard.at(-1)).toEqual({ kind: 'private-message', nick: 'juliet', body: 'what?' })
  })

  test('may do no more than the room lets them, and is told so by an error', async () => {
    const { room, bob } = await stage()

    expect(() => room.join('bob')).toThrow('bob may not join garden@rooms.example: conflict')
    expect(() => bob.setNick('juliet')).toThrow('bob may not be juliet in garden@rooms.example: conflict')
    expect(() => bob.setSubject('Thorns')).toThrow('forbidden')
    expect(() => bob.whisper('nobody', 'psst')).toThrow('item-not-found')
    expect(() => room.join(' ')).toThrow(TypeError)
    bob.leave()
    expect(() => bob.say('still here?')).toThrow('bob is not in garden@rooms.example')
  })

  test('hears who comes and goes, not who was there', async () => {
    const { room, account } = await stage()

    const romeo = room.join('romeo')
    await account.room(ROOM).leave()

    expect(romeo.heard).toEqual([{ kind: 'left', nick: 'juliet' }])
  })
})

describe('a room', () => {
  test('throws somebody out, by whom and why', async () => {
    const { server, room, garden, bob } = await stage()
    const removed = all(garden, 'removed')

    room.kick('juliet', { reason: 'go away', actor: 'bob' })
    await server.settled()

    expect(removed).toMatchObject([{ kind: 'kicked', reason: 'go away', actor: 'bob' }])
    expect(garden.state).toBe('removed')
    expect(bob.heard.at(-1)).toEqual({ kind: 'left', nick: 'juliet' })
    expect(() => room.kick('nobody')).toThrow('kick: nobody is nobody in garden@rooms.example')
  })

  test('does what a moderator of the application wants', async () => {
    const { server, room, garden, bob } = await stage()
    await expect(garden.kick('bob')).rejects.toMatchObject({ code: 'forbidden' })

    room.setAffiliation(JULIET, 'owner')
    await server.settled()
    await garden.setSubject('Roses')
    await garden.kick('bob', 'enough')

    expect(room.subject).toBe('Roses')
    expect(bob.isIn).toBe(false)
  })

  test('is configured by its owner, and tells everybody', async () => {
    const { server, room, garden } = await stage()
    room.setAffiliation(JULIET, 'owner')
    await server.settled()

    const form = await garden.configuration()
    await garden.configure({
      ...(form && {}),
      'muc#roomconfig_roomname': 'The garden',
      'muc#roomconfig_moderatedroom': true,
    })
    await server.settled()

    expect(form?.fields.map(({ name }) => name)).toContain('muc#roomconfig_roomname')
    expect(garden.config).toMatchObject({ name: 'The garden', moderated: true, membersOnly: false })
    expect(room.join('late').isIn).toBe(true)
    expect(() => room.join('later').say('may I?')).toThrow('forbidden')
  })

  test('that was destroyed says where it went', async () => {
    const { server, room, garden } = await stage()
    const destroyed = all(garden, 'destroyed')

    room.destroy({ reason: 'closed', alternate: 'other@rooms.example' })
    await server.settled()

    expect(destroyed).toMatchObject([{ reason: 'closed', alternate: 'other@rooms.example' }])
    await expect(garden.join({ nick: 'juliet' })).rejects.toMatchObject({ code: 'room-gone' })
  })

  test('invites, and an account that was invited comes', async () => {
    const { server, account } = await stage()
    server.room('balcony@rooms.example').join('romeo')
    const invites: unknown[] = []
    account.on('invite', (invite) => invites.push(invite))

    server.room('balcony@rooms.example').invite(JULIET, { reason: 'come' })
    await server.settled()
    await account.room('balcony@rooms.example').join({ nick: 'juliet' })

    expect(invites).toMatchObject([{ room: 'balcony@rooms.example', reason: 'come', mediated: true }])
    expect(server.room('balcony@rooms.example').nicks).toEqual(['romeo', 'juliet'])
  })

  test('keeps to a test’s own rules before its own', async () => {
    const { room, garden, server } = await stage()
    room.setRule(({ name, attrs }) =>
      name === 'message' && attrs['type'] === 'groupchat' ? 'policy-violation' : undefined,
    )

    await expect(garden.send('no')).rejects.toMatchObject({ condition: 'policy-violation' })
    room.setRule(() => undefined)

    await expect(garden.send('yes')).resolves.toMatchObject({ state: 'delivered' })
    await server.settled()
    expect(room.messages.map(({ body }) => body)).toEqual(['yes'])
  })

  test('gives its past a page at a time, back to where it begins', async () => {
    const { server, room, garden } = await stage()
    await garden.leave()
    room.addHistory(Array.from({ length: 120 }, (_, i) => ({ nick: 'nurse', body: `word ${i}` })))
    await garden.join({ nick: 'juliet', history: { maxstanzas: 10 } })
    await server.settled()

    const bodies: string[] = []
    let page = await garden.history({ limit: 50 })
    for (let i = 0; i < 10 && !page.atStart; i++) {
      bodies.unshift(...page.messages.map(({ body }) => body))
      const [first] = page.messages
      page = await garden.history({ limit: 50, ...(first && { before: first.id }) })
    }
    bodies.unshift(...page.messages.map(({ body }) => body))

    expect(bodies).toEqual(Array.from({ length: 120 }, (_, i) => `word ${i}`))
  })
})

describe('the server', () => {
  test('keeps a session while the network is gone: nobody sees anybody go, and nothing is lost', async () => {
    const { server, account, bob, garden } = await stage()
    const words: string[] = []
    garden.on('message', ({ body }) => words.push(body))
    const statuses: string[] = []
    account.on('status', ({ status }) => statuses.push(status))

    server.interrupt()
    bob.say('meanwhile')
    await server.settled()
    const sending = garden.send('queued', { wait: false })
    expect(await sending).toMatchObject({ state: 'queued' })
    expect(statuses).toEqual(['interrupted'])
    server.restore()
    await server.advance(60_000)

    expect(account.status).toBe('online')
    expect(words).toEqual(['meanwhile', 'queued'])
    expect(bob.heard.filter(({ kind }) => kind !== 'message')).toEqual([{ kind: 'joined', nick: 'juliet' }])
  })

  test('forgets a session where it is to: the room sees one go and come, and what was missed is read up', async () => {
    const { server, account, bob, garden } = await stage()
    const words: string[] = []
    garden.on('message', ({ body }) => words.push(body))

    server.interrupt('forget')
    bob.say('meanwhile')
    server.restore()
    await server.advance(60_000)

    expect(account.status).toBe('online')
    expect(garden.state).toBe('in')
    expect(words).toEqual(['meanwhile'])
    expect(bob.heard.map(({ kind }) => kind)).toEqual(['joined', 'left', 'message', 'joined'])
  })

  test('lets time stand still unless it is advanced', async () => {
    const { server, garden } = await stage()
    const before = server.nowMs
    const sent = await garden.send('now')

    await server.advance(3_600_000)
    const later = await garden.send('an hour later')

    expect(sent.stampMs - before).toBeLessThan(1_000)
    expect(later.stampMs - sent.stampMs).toBeGreaterThanOrEqual(3_600_000)
    expect(later.stampMs - sent.stampMs).toBeLessThan(3_601_000)
    await expect(server.advance(-1)).rejects.toBeInstanceOf(TypeError)
  })

  test('lets in who has the password, and nobody else', async () => {
    const server = fakeServer({ accounts: { [JULIET]: 'rose' } })
    open.push(server)

    await expect(server.connect({ jid: JULIET, password: 'thorn' })).rejects.toMatchObject({ code: 'not-authorized' })
    await expect(server.connect({ jid: 'romeo@example' })).rejects.toMatchObject({ code: 'not-authorized' })
    await expect(server.connect({ jid: JULIET })).resolves.toMatchObject({ status: 'online' })
  })

  test('has as many accounts as one likes, and they hear each other', async () => {
    const { server, garden } = await stage()
    const romeo = await server.connect({ jid: 'romeo@example' })
    const words: string[] = []
    romeo.room(ROOM).on('message', ({ nick, body }) => words.push(`${nick}: ${body}`))
    await romeo.room(ROOM).join({ nick: 'romeo' })

    await garden.send('Romeo?')
    await romeo.room(ROOM).send('Here')
    await server.settled()

    expect(words).toEqual(['juliet: Romeo?', 'romeo: Here'])
  })

  test('keeps bookmarks, and one of the account’s rooms is joined by them', async () => {
    const { server, account, room } = await stage()
    await account.bookmarks.set({ room: 'balcony@rooms.example', nick: 'juliet', autojoin: true })
    await server.settled()

    const other = await server.connect({ jid: JULIET })
    await server.settled()

    expect(await other.bookmarks.list()).toMatchObject([{ room: 'balcony@rooms.example', autojoin: true }])
    expect(other.memberships.get('balcony@rooms.example')).toEqual({ nick: 'juliet' })
    expect(room.nicks).toContain('juliet')
  })

  test('brings the application’s own parts of the worker', async () => {
    const echo: Plugin = { name: 'echo', start: () => ({ calls: { shout: (word: string) => word.toUpperCase() } }) }
    const { account } = await stage({ plugins: [echo] })

    expect(await account.plugin('echo').call('shout', 'hey')).toBe('HEY')
  })

  test('says when something goes on without end', async () => {
    const { server, garden } = await stage()
    const again = (): Promise<unknown> => garden.send('oh', { wait: false }).catch(() => undefined)
    const stop = garden.on('message', () => void again())

    await again()

    await expect(server.settled()).rejects.toThrow('it goes on without end')
    stop()
  }, 30_000)

  test('takes no address that is none', () => {
    const server = fakeServer()
    open.push(server)

    expect(() => server.room('garden')).toThrow(TypeError)
    expect(() => server.person('bob')).toThrow(TypeError)
    expect(() => fakeServer({ time: 'fast' as 'real' })).toThrow(TypeError) // as from a program without types
  })

  test('lets time pass by itself, for a demonstration', async () => {
    const { server, garden, bob } = await stage({ time: 'real' })
    const came = new Promise<string>((resolve) => garden.on('message', ({ body }) => resolve(body)))

    bob.say('now')

    expect(await came).toBe('now')
    expect(Math.abs(server.nowMs - Date.now())).toBeLessThan(1_000)
    expect(server.upstream.figures()).toMatchObject({ connections: 1 })
    await expect(server.advance(1)).rejects.toBeInstanceOf(TypeError)
  })

  test('ends, and takes all tabs with it', async () => {
    const { server, account } = await stage()

    await server.close()

    expect(account.status).toBe('offline')
    await expect((account as Account).inspect()).rejects.toMatchObject({ code: 'worker-gone' })
  })
})
