import { describe, expect, test } from 'vitest'
import { readDelay } from '../../src/protocol/xep-0203-delay.ts'
import { stanza } from '../support/fakes/xml.ts'

const delay = (from: string, stamp: string): string => `<delay xmlns='urn:xmpp:delay'${from} stamp='${stamp}'/>`
const read = (inside: string) => readDelay(stanza(`<message from='r@m/nick'>${inside}</message>`), 'r@m')

describe('readDelay', () => {
  test('is when the room says that it received the message', () => {
    expect(read(delay(" from='r@m'", '2026-11-22T05:36:05Z'))).toBe(Date.UTC(2026, 10, 22, 5, 36, 5))
  })

  test.each([
    ["the account's server after a resumed session (Prosody)", " from='alice@localhost'"],
    ["the account's server after a resumed session (ejabberd)", " from='localhost'"],
    ['the occupant who sent the message', " from='r@m/nick'"],
    ['another room', " from='r2@m'"],
    ['somebody without a name', ''],
  ])('does not listen to %s', (_who, from) => {
    expect(read(delay(from, '2026-11-22T05:36:05Z'))).toBeUndefined()
  })

  test("finds the room's delay behind one by somebody else", () => {
    const both = delay(" from='localhost'", '2026-11-22T06:00:00Z') + delay(" from='r@m'", '2026-11-22T05:36:05Z')

    expect(read(both)).toBe(Date.UTC(2026, 10, 22, 5, 36, 5))
  })

  test.each(['', 'soon'])('is nothing where the stamp is %j', (stamp) => {
    expect(read(delay(" from='r@m'", stamp))).toBeUndefined()
  })

  test('is nothing for an element of that name in another namespace', () => {
    expect(read("<delay xmlns='jabber:x:delay' from='r@m' stamp='20261122T05:36:05'/>")).toBeUndefined()
  })
})
