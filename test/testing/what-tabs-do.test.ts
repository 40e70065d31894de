import { afterEach, describe, expect, test } from 'vitest'
import { type FakeServer, fakeServer } from '../../src/testing/index.ts'

const ROOM = 'garden@rooms.example'
const open: FakeServer[] = []

afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
})

async function stage() {
  const server = fakeServer()
  open.push(server)
  const room = server.room(ROOM, { name: 'The garden' })
  const bob = room.join('bob')
  const account = await server.connect({ jid: 'juliet@example' })
  const garden = account.room(ROOM)
  await garden.join({ nick: 'juliet' })
  return { server, room, bob, account, garden }
}

describe('on a fake server', () => {
  test('messages are corrected, answered, reacted to and taken back, as on a real one', async () => {
    const { server, bob, garden } = await stage()
    const changes: string[] = []
    garden.on('message-updated', ({ change, message }) => changes.push(`${change} ${message.body}`))

    const sent = await garden.send('helo')
    await garden.correct(sent.id, 'hello')
    const id = bob.say('hi')
    await server.settled()
    const reply = await garden.reply(id, 'hi yourself')
    await garden.react(id, ['👍'])
    await garden.retract(sent.id)
    await server.settled()

    expect(changes).toContain('correction hello')
    expect(changes).toContain('reaction hi')
    expect(changes.some((each) => each.startsWith('retraction'))).toBe(true)
    expect(reply).toMatchObject({ body: 'hi yourself', replyTo: id })
    expect(garden.snapshot()).toMatchObject({ state: 'in' })
  })

  test('a moderator takes back what somebody said', async () => {
    const { server, room, bob, garden } = await stage()
    room.setAffiliation('juliet@example', 'admin')
    const id = bob.say('rude')
    await server.settled()

    const moderated = await garden.moderate(id, 'no')
    await server.settled()

    expect(moderated).toMatchObject({ moderated: true, body: '' })
    expect(room.messages.map(({ body }) => body)).not.toContain('rude')
  })

  test('who writes is seen to, on both sides', async () => {
    const { server, bob, garden } = await stage()
    const typing: string[][] = []
    garden.on('typing', ({ nicks }) => typing.push([...nicks]))

    bob.setTyping(true)
    await server.settled()
    bob.setTyping(false)
    garden.setTyping(true)
    await server.settled()

    expect(typing).toEqual([['bob'], []])
    const states = bob.person.heard.filter(({ children }) =>
      children.some((each) => typeof each !== 'string' && each.name === 'composing'),
    )
    expect(states.map(({ attrs }) => attrs['from'])).toContain(`${ROOM}/juliet`)
  })

  test('rooms are found, and made', async () => {
    const { server, account } = await stage()

    const { rooms } = await account.directory.rooms()
    const info = await account.directory.info(ROOM)
    const made = await account.directory.create({
      preset: 'public-channel',
      nick: 'juliet',
      local: 'balcony',
      name: 'The balcony',
    })
    await server.settled()

    expect(rooms).toMatchObject([{ room: ROOM, name: 'The garden' }])
    expect(info).toMatchObject({ name: 'The garden' })
    expect(made.jid).toBe('balcony@rooms.example')
    expect(server.room('balcony@rooms.example').nicks).toEqual(['juliet'])
    await made.leave()
    expect(await account.directory.info('balcony@rooms.example')).toMatchObject({
      name: 'The balcony',
      persistent: true,
    })
  })
})
