import { describe, expect, test } from 'vitest'
import { askedTheSame, refusalOf } from '../../src/rooms/refusal.ts'
import type { Joining } from '../../src/rooms/room.ts'

const refusal = (condition: string, facts: { text?: string; address?: string } = {}) =>
  refusalOf('r@m', 'juliet', { type: 'cancel', condition, text: facts.text, address: facts.address })

describe('refusalOf', () => {
  test.each([
    ['not-authorized', 'room-password-required', false],
    ['conflict', 'room-nick-conflict', false],
    ['not-acceptable', 'room-nick-not-acceptable', false],
    ['jid-malformed', 'jid-malformed', false],
    ['forbidden', 'room-banned', true],
    ['registration-required', 'room-members-only', true],
    ['item-not-found', 'room-locked', true],
    ['not-allowed', 'room-creation-forbidden', true],
    ['gone', 'room-gone', true],
    ['service-unavailable', 'room-full', true],
    ['resource-constraint', 'room-full', true],
    ['remote-server-not-found', 'room-unreachable', true],
    ['remote-server-timeout', 'room-unreachable', true],
    ['internal-server-error', 'stanza-error', true],
    ['undefined-condition', 'stanza-error', true],
    ['__proto__', 'stanza-error', true],
  ])('%s is %s and concerns everybody: %s', (condition, code, concernsAll) => {
    const { error, ...rest } = refusal(condition)

    expect([error.code, rest.concernsAll]).toEqual([code, concernsAll])
  })

  test('carries condition and text of the room', () => {
    expect(refusal('forbidden', { text: 'You have been banned' }).error).toMatchObject({
      condition: 'forbidden',
      text: 'You have been banned',
    })
  })

  test('names the nick that was asked for where it is to blame', () => {
    expect(refusal('conflict').error.nick).toBe('juliet')
    expect(refusal('forbidden').error).not.toHaveProperty('nick')
  })

  test.each([
    ['conflict', false],
    ['forbidden', false],
    ['registration-required', false],
    ['gone', false],
    ['service-unavailable', true],
    ['resource-constraint', true],
    ['item-not-found', true],
    ['remote-server-timeout', true],
  ])('%s can help itself when tried again: %s', (condition, retry) => {
    expect(refusal(condition).error.retry).toBe(retry)
  })

  test('says in its message which room, which nick and why', () => {
    expect(refusal('conflict').error.message).toBe('join r@m as juliet: conflict')
  })

  test.each([
    ['xmpp:other@m?join', 'other@m'],
    ['xmpp:other@m', 'other@m'],
    ['other@m', 'other@m'],
  ])('of a room that went to %s gives its address', (address, alternate) => {
    expect(refusal('gone', { address }).error.alternate).toBe(alternate)
  })

  test('of a room that went nowhere gives none', () => {
    expect(refusal('gone').error).not.toHaveProperty('alternate')
  })

  test('takes an address for where the room went only where it has gone', () => {
    expect(refusal('forbidden', { address: 'xmpp:evil@m?join' }).error).not.toHaveProperty('alternate')
  })
})

describe('askedTheSame', () => {
  const joining = { nick: 'juliet', password: 'key' } as Joining // the rest of it does not matter here

  test('is true for the same nick and password', () => {
    expect(askedTheSame({ nick: 'juliet', password: 'key', history: { maxstanzas: 0 } }, joining)).toBe(true)
  })

  test.each([
    ['nick', { nick: 'Juliet', password: 'key' }],
    ['password', { nick: 'juliet', password: 'other' }],
    ['password, which is none', { nick: 'juliet', password: undefined }],
  ])('is false for another %s', (_what, ask) => {
    expect(askedTheSame({ ...ask, history: undefined }, joining)).toBe(false)
  })
})
