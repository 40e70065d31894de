import { afterEach, beforeEach, expect, test } from 'vitest'
import { messagesOf, stateOf } from '../../examples/bindings/stores.ts'
import { said } from '../support/fakes/room-xml.ts'
import { type TabStage, tabStage } from '../support/fakes/tab-pair.ts'

let stage: TabStage
beforeEach(() => {
  stage = tabStage()
})
afterEach(() => stage.end())

/** What a store gave, the last of it last. */
function looked<T>(store: { subscribe(run: (value: T) => void): () => void }) {
  const seen: T[] = []
  const off = store.subscribe((value) => seen.push(value))
  return { seen, off }
}

test('the state of a room is there at once, and after each change', async () => {
  const { room } = await stage.tab()
  const { seen, off } = looked(stateOf(room))
  expect(seen.at(-1)?.state).toBe('out')

  await stage.until(room.join({ nick: 'juliet' }))
  expect(seen.at(-1)?.state).toBe('in')
  const { length } = seen
  off()
  stage.room.setSubject('Romeo', 'the balcony')
  await stage.settle()
  expect(seen).toHaveLength(length)
})

test('messages are there once and in their order, with the newest page, what comes, and what becomes of them', async () => {
  stage.room.enter('Romeo')
  for (const body of ['m1', 'm2', 'm3']) stage.room.say('Romeo', body)
  const { room } = await stage.tab()
  const { seen, off } = looked(messagesOf(room, 2))
  const bodies = () => seen.at(-1)?.map(({ body }) => body)

  await stage.until(room.join({ nick: 'juliet' }))
  await stage.settle()
  expect(bodies()).toEqual(['m1', 'm2', 'm3'])
  stage.room.tell(said('Romeo', 'm4', { room: room.jid, id: 's4' }))
  const replace = "<replace xmlns='urn:xmpp:message-correct:0' id='s4'/></message>"
  stage.room.tell(said('Romeo', 'm4, corrected', { room: room.jid, id: 's5' }).replace('</message>', replace))
  await stage.settle()
  expect(bodies()).toEqual(['m1', 'm2', 'm3', 'm4, corrected'])

  const late = looked(messagesOf(room, 2))
  await stage.settle()
  expect(late.seen.at(-1)?.map(({ body }) => body)).toEqual(['m3', 'm4, corrected'])

  off()
  const { length } = seen
  stage.room.say('Romeo', 'm5')
  await stage.settle()
  expect(seen).toHaveLength(length)
})
