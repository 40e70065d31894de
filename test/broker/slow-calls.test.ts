import { expect, test } from 'vitest'
import { SlowCalls } from '../../src/broker/slow-calls.ts'
import type { TabRequest } from '../../src/broker/tab-calls.ts'
import { failure, type Reply } from '../../src/contract/errors.ts'
import { fakeClock } from '../support/fakes/fake-clock.ts'

const ANSWER: Reply<unknown> = { ok: true, value: null, afterSeq: 0 }
const REFUSAL: Reply<unknown> = { ok: false, error: failure('offline', 'no connection'), afterSeq: 0 }
const JOIN: TabRequest = { name: 'join', args: { room: 'r@muc.test', nick: 'ana', password: 'open sesame' } }
const signIn = (again: boolean): TabRequest => ({
  name: 'signIn',
  args: { service: [], onLastTab: 'linger', allowPlain: false, activity: 'active', hidden: false, again },
})

function stage() {
  const clock = fakeClock()
  const records: string[] = []
  const calls = new SlowCalls(clock, (level, text) => records.push(`${level} ${text}`))
  const replies: Reply<unknown>[] = []
  const begin = (request: TabRequest) => calls.watch(request, (reply) => replies.push(reply))
  return { clock, records, calls, replies, begin }
}

test('a call without an answer after 5 s makes one warning, with its name and its room and nothing else of it', () => {
  const { clock, records, begin } = stage()
  begin(JOIN)

  clock.advance(4_999)
  expect(records).toEqual([])
  clock.advance(60_000)

  expect(records).toEqual(['warn join r@muc.test: no answer within 5000 ms'])
})

test('when it is answered after all, that is said with its time, and the answer arrives', () => {
  const { clock, records, replies, begin } = stage()
  const [join, inspect] = [begin(JOIN), begin({ name: 'inspect', args: null })]

  clock.advance(7_200)
  join(ANSWER)
  inspect(REFUSAL)

  expect(records.slice(2)).toEqual([
    'info join r@muc.test: answered after 7200 ms',
    'info inspect: refused (offline) after 7200 ms',
  ])
  expect(replies).toEqual([ANSWER, REFUSAL])
})

test('one that is answered in time makes no record, and leaves no timer', () => {
  const { clock, records, replies, begin } = stage()
  const settle = begin(JOIN)

  clock.advance(4_999)
  settle(ANSWER)

  expect(clock.waiting).toBe(0)
  clock.advance(10_000)
  expect([records, replies]).toEqual([[], [ANSWER]])
})

test('a sign-in that brings back what there was may take for ever; the first one may not', () => {
  const { clock, records, begin } = stage()
  begin(signIn(true))
  begin(signIn(false))

  clock.advance(60_000)

  expect(records).toEqual(['warn signIn: no answer within 5000 ms'])
})

test('what a tab of other words gives as arguments is no matter', () => {
  const { clock, records, begin } = stage()
  // A page of a newer build might say what this worker does not know.
  for (const args of [undefined, 'r@muc.test', { room: 7 }]) begin({ name: 'dance', args } as unknown as TabRequest)

  clock.advance(5_000)

  expect(records).toEqual(Array(3).fill('warn dance: no answer within 5000 ms'))
})

test('when nobody answers any more, nothing is said of it', () => {
  const { clock, records, calls, begin } = stage()
  begin(JOIN)

  calls.end()
  clock.advance(10_000)

  expect(records).toEqual([])
})
