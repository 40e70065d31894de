import { describe, expect, test } from 'vitest'
import { chooseMechanism, isStronger, type SignInTerms } from '../../src/account/sasl.ts'

const choose = (offered: readonly string[], terms: Partial<SignInTerms> = {}) =>
  chooseMechanism(offered, { anonymous: false, plain: true, strongest: undefined, ...terms })
const ALL = ['PLAIN', 'SCRAM-SHA-1', 'SCRAM-SHA-512', 'ANONYMOUS', 'SCRAM-SHA-256', 'DIGEST-MD5', 'X-OAUTH2']
const without = (...names: string[]) => ALL.filter((each) => !names.includes(each))
const REFUSED = { refused: expect.any(String) }

describe('of what the server offers, in whatever order,', () => {
  test.each([
    [ALL, 'SCRAM-SHA-512'],
    [ALL.toReversed(), 'SCRAM-SHA-512'],
    [without('SCRAM-SHA-512'), 'SCRAM-SHA-256'],
    [without('SCRAM-SHA-512', 'SCRAM-SHA-256'), 'SCRAM-SHA-1'],
    [['DIGEST-MD5', 'PLAIN'], 'PLAIN'],
    [['SCRAM-SHA-1-PLUS', 'SCRAM-SHA-1'], 'SCRAM-SHA-1'],
  ])('%j, the strongest is %s', (offered, mechanism) => {
    expect(choose(offered)).toBe(mechanism)
  })

  test.each([
    ['none', []],
    ['none that is known', ['DIGEST-MD5', 'SCRAM-SHA-256-PLUS', 'constructor']],
    ['one in another case', ['plain', 'scram-sha-1']],
    ['only the one for nobody', ['ANONYMOUS']],
  ])('%s can be taken', (_what, offered) => {
    expect(choose(offered)).toEqual(REFUSED)
  })
})

describe('where the password must not be sent as it is', () => {
  test('PLAIN alone is refused, and the text says how it could be allowed', () => {
    expect(choose(['PLAIN'], { plain: false })).toEqual({ refused: expect.stringContaining('allowPlain') })
  })

  test('the weakest other one is taken', () => {
    expect(choose(['PLAIN', 'SCRAM-SHA-1'], { plain: false })).toBe('SCRAM-SHA-1')
  })
})

describe('an account that has signed in by SCRAM-SHA-256', () => {
  test.each([
    [ALL, 'SCRAM-SHA-512'],
    [['PLAIN', 'SCRAM-SHA-256'], 'SCRAM-SHA-256'],
  ])('takes of %j %s', (offered, mechanism) => {
    expect(choose(offered, { strongest: 'SCRAM-SHA-256' })).toBe(mechanism)
  })

  test.each([[['PLAIN', 'SCRAM-SHA-1']], [['SCRAM-SHA-1']], [['PLAIN']]])('takes none of %j', (offered) => {
    const refused = choose(offered, { strongest: 'SCRAM-SHA-256' })

    expect(refused).toEqual({ refused: expect.stringMatching(/at best.* SCRAM-SHA-256 before/) })
  })
})

test('a mechanism that is not known here forbids nothing', () => {
  expect(choose(['PLAIN'], { strongest: 'HT-SHA-256-NONE' })).toBe('PLAIN')
})

describe('without an account', () => {
  test('only ANONYMOUS is taken, whatever was used before', () => {
    expect(choose(ALL, { anonymous: true, strongest: 'SCRAM-SHA-512', plain: false })).toBe('ANONYMOUS')
  })

  test('a server that does not offer it is refused', () => {
    expect(choose(without('ANONYMOUS'), { anonymous: true })).toEqual(REFUSED)
  })
})

test.each([
  ['SCRAM-SHA-256', 'SCRAM-SHA-1', true],
  ['SCRAM-SHA-1', 'SCRAM-SHA-1', false],
  ['PLAIN', 'SCRAM-SHA-1', false],
  ['PLAIN', undefined, true],
  ['ANONYMOUS', undefined, false],
  ['X-NEW', 'PLAIN', false],
])('%s is stronger than %s: %s', (mechanism, than, stronger) => {
  expect(isStronger(mechanism, than)).toBe(stronger)
})
