import { expect, test } from 'vitest'
import { brokerStage } from '../support/fakes/broker-stage.ts'

const thumb = (id: string): string =>
  `<reactions xmlns='urn:xmpp:reactions:0' id='${id}'><reaction>👍</reaction></reactions>`

test('a tab that was away is told of what was done meanwhile to messages that it has, and of nothing else', async () => {
  const stage = brokerStage()
  const t1 = await stage.inRoom('t1')
  const [early, late] = [stage.room.say('romeo', 'hark'), stage.room.say('romeo', 'lark')]
  await stage.settle()
  stage.room.say('nurse', undefined, { inside: thumb(early) })
  await stage.settle()
  stage.clock.advance(1_000)
  const atMs = stage.clock.nowMs()
  stage.clock.advance(1_000)
  stage.room.say('nurse', undefined, { inside: thumb(late) })
  await stage.settle()
  const order = t1.told('message').at(-1)?.message.order ?? 0
  const after = { order, archive: stage.store.archive }

  const t2 = await stage.inRoom('t2', { after: { ...after, atMs } })
  const t3 = await stage.inRoom('t3', { after: { ...after, atMs: stage.clock.nowMs() } })
  const t4 = await stage.inRoom('t4', { after: { ...after, order: order - 1, atMs: 0 } })

  const updates = (tab: typeof t1) => tab.told('message-updated').map(({ change, message }) => [change, message.id])
  expect(updates(t2)).toEqual([['reaction', late]])
  expect(t2.events.findIndex(({ kind }) => kind === 'room-joined')).toBeLessThan(
    t2.events.findIndex(({ kind }) => kind === 'message-updated'),
  )
  expect(updates(t3)).toEqual([])
  // What it does not have yet it is given as it is.
  expect(updates(t4)).toEqual([['reaction', early]])
})
