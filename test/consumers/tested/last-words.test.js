import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeServer } from 'minimix-web/testing'
import { lastWords, open } from './last-words.js'

const ROOM = 'garden@rooms.capulet.example'

function serve(t, options) {
  const server = fakeServer(options)
  t.after(() => server.close())
  return server
}

test('the words of a room, live and in both tabs', async (t) => {
  const server = serve(t)
  const bob = server.room(ROOM).join('bob')
  const first = await lastWords(await server.connect({ jid: 'juliet@capulet.example' }), ROOM, 'juliet')
  const second = await lastWords(await server.connect({ jid: 'juliet@capulet.example' }), ROOM, 'juliet')

  bob.say('hi')
  await first.say('good night')
  await server.settled()

  assert.deepEqual(first.words, ['bob: hi', 'juliet: good night'])
  assert.deepEqual(second.words, first.words)
})

test('a refusal is an error that the application knows', async (t) => {
  const server = serve(t)
  server.room(ROOM).setAffiliation('juliet@capulet.example', 'outcast')

  const { refused } = await lastWords(await server.connect({ jid: 'juliet@capulet.example' }), ROOM, 'juliet')

  assert.equal(refused, 'room-banned')
})

test('an application that connects by itself is given the worker', async (t) => {
  const server = serve(t, { accounts: { 'juliet@capulet.example': 'secret' } })
  const worker = server.worker('juliet@capulet.example')

  const account = await open({ worker })
  const wrong = await open({ worker, password: 'wrong' }).catch((error) => error.code)

  assert.equal(account.status, 'online')
  assert.equal(wrong, 'not-authorized')
  await account.detach()
})
