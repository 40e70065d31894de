import { afterEach, describe, expect, test } from 'vitest'
import { type Account, connect, MinimixError } from '../../src/index.ts'
import { type FakeServer, type FakeServerOptions, fakeServer } from '../../src/testing/index.ts'

const ROOM = 'garden@rooms.example'
const open: FakeServer[] = []

afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
})

function serve(options?: FakeServerOptions): FakeServer {
  const server = fakeServer(options)
  open.push(server)
  return server
}

const juliet = (server: FakeServer): Promise<Account> => server.connect({ jid: 'juliet@example' })

/** What listeners of a room hear, in its order. */
function listenTo(account: Account): string[] {
  const room = account.room(ROOM)
  const heard: string[] = []
  room.on('occupant-joined', ({ occupant, initial }) => heard.push(`${initial ? 'there' : 'came'} ${occupant.nick}`))
  room.on('joined', ({ nick }) => heard.push(`in as ${nick}`))
  room.on('message', ({ nick, body, history }) => heard.push(`${history ? 'before ' : ''}${nick}: ${body}`))
  room.on('subject', ({ text }) => heard.push(`subject ${text}`))
  room.on('occupant-left', ({ occupant, kind }) => heard.push(`${kind} ${occupant.nick}`))
  room.on('removed', ({ kind, reason }) => heard.push(`out: ${kind} ${reason}`))
  return heard
}

describe('a fake server', () => {
  test('shows a room in the order of XEP-0045: who is there, oneself, what was said, the subject, what is live', async () => {
    const server = serve()
    const room = server.room(ROOM)
    const bob = room.join('bob')
    room.addHistory([{ nick: 'nurse', body: 'long ago' }])
    room.setSubject('Roses')
    const account = await juliet(server)
    const heard = listenTo(account)

    await account.room(ROOM).join({ nick: 'juliet' })
    bob.say('hi')
    await server.settled()

    expect(heard).toEqual(['there bob', 'in as juliet', 'before nurse: long ago', 'subject Roses', 'bob: hi'])
  })

  test('two tabs are one person: one join, and both hear what one says', async () => {
    const server = serve()
    const bob = server.room(ROOM).join('bob')
    const [first, second] = [await juliet(server), await juliet(server)]
    const [one, two] = [listenTo(first), listenTo(second)]

    await first.room(ROOM).join({ nick: 'juliet' })
    await second.room(ROOM).join({ nick: 'juliet' })
    const sent = await first.room(ROOM).send('good night')
    await server.settled()

    expect(sent).toMatchObject({ state: 'delivered', own: true, fromThisTab: true })
    expect([one.at(-1), two.at(-1)]).toEqual(['juliet: good night', 'juliet: good night'])
    expect(bob.heard).toEqual([
      { kind: 'joined', nick: 'juliet' },
      { kind: 'message', nick: 'juliet', body: 'good night', id: sent.id },
    ])
    expect(server.room(ROOM).messages).toMatchObject([{ id: sent.id, nick: 'juliet', body: 'good night' }])
  })

  test('waits for tabs of an application that connects by itself, however much they are told', async () => {
    const server = serve()
    const bob = server.room(ROOM).join('bob')
    const account = await connect({ jid: 'juliet@example', password: 'x', worker: server.worker('juliet@example') })
    let heard = 0
    account.room(ROOM).on('message', () => {
      heard += 1
    })
    await account.room(ROOM).join({ nick: 'juliet' })

    for (let i = 0; i < 3_000; i++) bob.say(`word ${i}`)
    await server.settled()

    expect(heard).toBe(3_000)
    await account.detach()
  })

  test('refuses as a room does, by the same errors', async () => {
    const server = serve()
    server.room(ROOM).join('bob')
    const account = await juliet(server)
    const join = (nick: string) => account.room(ROOM).join({ nick })

    await expect(join('bob')).rejects.toMatchObject({ code: 'room-nick-conflict' })
    server.room(ROOM).setAffiliation('juliet@example', 'outcast')
    await expect(join('juliet')).rejects.toMatchObject({ code: 'room-banned' })
    server.room(ROOM).setAffiliation('juliet@example', 'none')
    server.room(ROOM).configure({ membersOnly: true })
    await expect(join('juliet')).rejects.toMatchObject({ code: 'room-members-only' })
    server.room(ROOM).configure({ membersOnly: false, password: 'rose' })
    const refusal = join('juliet')
    await expect(refusal).rejects.toBeInstanceOf(MinimixError)
    await expect(refusal).rejects.toMatchObject({ code: 'room-password-required' })
    await expect(account.room(ROOM).join({ nick: 'juliet', password: 'rose' })).resolves.toMatchObject({
      nick: 'juliet',
    })
  })
})
