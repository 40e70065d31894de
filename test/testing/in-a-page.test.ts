// @vitest-environment happy-dom
import { afterEach, expect, test, vi } from 'vitest'
import { type FakeServer, fakeServer } from '../../src/testing/index.ts'

const ROOM = 'garden@rooms.example'
let server: FakeServer

afterEach(async () => {
  await server.close()
  vi.useRealTimers()
  document.body.replaceChildren()
})

/** A small application: what is said in a room, as a list, and how many of it nobody has seen. */
async function show(): Promise<HTMLUListElement> {
  const account = await server.connect({ jid: 'juliet@example' })
  const room = account.room(ROOM)
  const list = document.createElement('ul')
  document.body.append(list)
  room.on('message', ({ nick, body }) => {
    const item = document.createElement('li')
    item.textContent = `${nick}: ${body}`
    list.append(item)
  })
  await room.join({ nick: 'juliet' })
  return list
}

test('an application is tested in a page that is none', async () => {
  server = fakeServer()
  const bob = server.room(ROOM).join('bob')
  const list = await show()

  bob.say('hi')
  await server.settled()

  expect(list.textContent).toBe('bob: hi')
})

test('what is said while somebody looks is read', async () => {
  server = fakeServer()
  const bob = server.room(ROOM).join('bob')
  const account = await server.connect({ jid: 'juliet@example' })
  const room = account.room(ROOM)
  await room.join({ nick: 'juliet' })

  bob.say('juliet, look')
  await server.settled()

  expect(document.visibilityState).toBe('visible')
  expect([room.unread, room.mentions]).toEqual([0, 0])
})

test('timers that a test has in its own hand are no hindrance', async () => {
  vi.useFakeTimers()
  server = fakeServer()
  const bob = server.room(ROOM).join('bob')
  const list = await show()

  bob.say('hi')
  await server.settled()
  await server.advance(60_000)

  expect(list.textContent).toBe('bob: hi')
  expect(server.room(ROOM).nicks).toEqual(['bob', 'juliet'])
})

test('what a listener throws is reported as in a browser, and the others still hear', async () => {
  server = fakeServer()
  const bob = server.room(ROOM).join('bob')
  const reported: unknown[] = []
  vi.stubGlobal('reportError', (error: unknown) => reported.push(error))
  const account = await server.connect({ jid: 'juliet@example' })
  const room = account.room(ROOM)
  room.on('message', () => {
    throw new Error('a fault of the application')
  })
  const heard: string[] = []
  room.on('message', ({ body }) => heard.push(body))
  await room.join({ nick: 'juliet' })

  bob.say('hi')
  await server.settled()
  vi.unstubAllGlobals()

  expect(reported).toMatchObject([{ message: 'a fault of the application' }])
  expect(heard).toEqual(['hi'])
})
