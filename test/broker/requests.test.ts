import { describe, expect, test } from 'vitest'
import { Requests } from '../../src/broker/requests.ts'
import { readEnvelope } from '../../src/protocol/stanza.ts'
import type { XmlNode } from '../../src/protocol/xml.ts'
import { fakeClock } from '../support/fakes/fake-clock.ts'
import { stanza } from '../support/fakes/xml.ts'

const ACCOUNT = 'juliet@capulet.example'

function stage(request: string) {
  const clock = fakeClock()
  const requests = new Requests(clock)
  const answers: (XmlNode | undefined)[] = []
  requests.expect(stanza(request), ACCOUNT, 10_000, (answer) => void answers.push(answer))
  const answer = (text: string): boolean => {
    const node = stanza(text)
    const envelope = readEnvelope(node)
    return envelope !== undefined && requests.answer(envelope, node)
  }
  return { clock, requests, answers, answer }
}

const TO_ROOM = "<iq type='get' to='r@m' id='1'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>"

test('the answer with the right id from the right sender is taken, once', () => {
  const { answers, answer } = stage(TO_ROOM)

  expect(answer("<iq type='result' from='r@m' id='1'/>")).toBe(true)
  expect(answer("<iq type='result' from='r@m' id='1'/>")).toBe(false)

  expect(answers).toEqual([stanza("<iq type='result' from='r@m' id='1'/>")])
})

test('an error is an answer', () => {
  const { answers, answer } = stage(TO_ROOM)

  expect(answer("<iq type='error' from='r@m' id='1'/>")).toBe(true)
  expect(answers).toHaveLength(1)
})

test.each([
  ["<iq type='result' from='evil@m' id='1'/>"],
  ["<iq type='result' from='r@m/nick' id='1'/>"],
  ["<iq type='result' from='m' id='1'/>"],
  ["<iq type='result' id='1'/>"],
  [`<iq type='result' from='${ACCOUNT}' id='1'/>`],
  ["<iq type='result' from='r@m' id='2'/>"],
  ["<iq type='result' from='r@m'/>"],
  ["<iq type='result' from='r@m' id='__proto__'/>"],
])('%s is not the answer to a request to r@m with the id 1', (text) => {
  const { answers, answer } = stage(TO_ROOM)

  expect(answer(text)).toBe(false)
  expect(answer("<iq type='result' from='r@m' id='1'/>")).toBe(true)
  expect(answers).toHaveLength(1)
})

describe('a request without an address, or to the own account', () => {
  test.each(["<iq type='get' id='1'/>", `<iq type='get' to='${ACCOUNT}' id='1'/>`])(
    'as %s is answered by the own account or by nobody named',
    (request) => {
      for (const from of ['', ` from='${ACCOUNT}'`]) {
        expect(stage(request).answer(`<iq type='result' id='1'${from}/>`)).toBe(true)
      }
      for (const from of ['evil@m', 'capulet.example', `${ACCOUNT}/phone`]) {
        expect(stage(request).answer(`<iq type='result' id='1' from='${from}'/>`)).toBe(false)
      }
    },
  )
})

test('no answer within the time is none, and a late one means nothing', () => {
  const { clock, answers, answer } = stage(TO_ROOM)

  clock.advance(9_999)
  expect(answers).toEqual([])
  clock.advance(1)

  expect(answers).toEqual([undefined])
  expect(answer("<iq type='result' from='r@m' id='1'/>")).toBe(false)
})

test('an answer stops the timer', () => {
  const { clock, answers, answer } = stage(TO_ROOM)
  answer("<iq type='result' from='r@m' id='1'/>")

  expect(clock.waiting).toBe(0)
  clock.advance(20_000)

  expect(answers).toHaveLength(1)
})

describe('the same question', () => {
  const again = (request: string) => {
    const made = stage(TO_ROOM)
    const ask = (): boolean =>
      made.requests.expect(stanza(request), ACCOUNT, 10_000, (answer) => void made.answers.push(answer))
    return { ...made, ask }
  }
  const SAME = TO_ROOM.replace("id='1'", "id='2'")
  const INFO = "<iq type='result' from='r@m' id='1'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>"

  test('asked while the first is under way is not sent, and gets its answer', () => {
    const { ask, answer, answers, clock } = again(SAME)

    expect(ask()).toBe(false)
    answer("<iq type='error' from='r@m' id='1'/>")

    expect(answers).toHaveLength(2)
    expect(clock.waiting).toBe(0)
    expect(ask()).toBe(true)
  })

  test.each([
    ['to somebody else', TO_ROOM.replace('r@m', 's@m')],
    ['in other words', "<iq type='get' to='r@m' id='2'><query xmlns='urn:other'/></iq>"],
    ['that sets something', TO_ROOM.replace("type='get'", "type='set'")],
  ])('%s is another one', (_what, request) => {
    expect(again(request.replace("id='1'", "id='2'")).ask()).toBe(true)
  })

  test('that is a ping is sent each time: it asks about its own moment', () => {
    const { ask } = again("<iq type='get' to='r@m/juliet' id='2'><ping xmlns='urn:xmpp:ping'/></iq>")

    expect([ask(), ask()]).toEqual([true, true])
  })

  test('of what somebody is and can do is remembered for five minutes', () => {
    const { ask, answer, answers, clock } = again(SAME)
    answer(INFO)

    clock.advance(299_999)
    expect([ask(), answers.length]).toEqual([false, 2])
    clock.advance(1)

    expect(ask()).toBe(true)
  })

  test('of what is at one node of somebody is asked anew: it may have changed', () => {
    const { requests, answer } = again(SAME)
    const ask = (id: number): boolean => {
      const text = `<iq type='get' to='r@m' id='${id}'><query xmlns='http://jabber.org/protocol/disco#info' node='x-roomuser-item'/></iq>`
      return requests.expect(stanza(text), ACCOUNT, 10_000, () => undefined)
    }

    expect(ask(7)).toBe(true)
    answer(INFO.replace("id='1'", "id='7'"))

    expect(ask(8)).toBe(true)
  })

  test.each<[string, (made: ReturnType<typeof again>) => void]>([
    ['it is said to be so no more', ({ requests }) => requests.forget('r@m')],
    ['the stream has ended', ({ requests }) => requests.endAll()],
  ])('is asked anew when %s', (_what, end) => {
    const made = again(SAME)
    made.answer(INFO)

    end(made)

    expect(made.ask()).toBe(true)
  })

  test('that was refused is asked anew', () => {
    const { ask, answer } = again(SAME)
    answer(INFO.replace("type='result'", "type='error'"))

    expect(ask()).toBe(true)
  })
})

test('the end of the stream ends all of them, and one that is asked anew by that stays', () => {
  const { clock, requests, answers } = stage(TO_ROOM)
  requests.expect(stanza("<iq type='get' to='r@m' id='2'/>"), ACCOUNT, 10_000, (found) => {
    answers.push(found)
    requests.expect(stanza("<iq type='get' to='r@m' id='3'/>"), ACCOUNT, 10_000, () => undefined)
  })

  requests.endAll()

  expect(answers).toEqual([undefined, undefined])
  expect(clock.waiting).toBe(1)
})
