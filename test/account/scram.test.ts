import { describe, expect, test } from 'vitest'
import { answerScram, beginScram, checkScramSuccess, readScramChallenge } from '../../src/account/scram.ts'

const NONCE = 'fyko+d2lbbFgONRv9qkxdawL'
const FIRST = beginScram('user', NONCE)
const CHALLENGE = `r=${NONCE}3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096`

/** @throws Error where it is refused */
function task(challenge: string) {
  const read = readScramChallenge(FIRST, challenge)
  if ('refused' in read) throw new Error(read.refused)
  return read
}

describe('the first message', () => {
  test('is that of RFC 5802 section 5', () => {
    expect(FIRST.message).toBe(`n,,n=user,r=${NONCE}`)
    expect(FIRST.bare).toBe(`n=user,r=${NONCE}`)
  })

  test.each([
    ['a=b', 'a=3Db'],
    ['a,b', 'a=2Cb'],
    ['=2C', '=3D2C'],
    [',,==', '=2C=2C=3D=3D'],
    ['имя', 'имя'],
  ])('holds the name %s as %s', (name, written) => {
    expect(beginScram(name, 'r').message).toBe(`n,,n=${written},r=r`)
  })
})

describe('a challenge', () => {
  test('says what is to be computed', () => {
    const unproved = `c=biws,r=${NONCE}3rfcNHYJY1ZVvWVs7j`

    expect(task(CHALLENGE)).toEqual({
      salt: 'QSXCR+Q6sek8bf92',
      iterations: 4096,
      authMessage: `n=user,r=${NONCE},${CHALLENGE},${unproved}`,
      unproved,
    })
  })

  test('may say more, which is signed like the rest: ejabberd does', () => {
    expect(task(`${CHALLENGE},h=Y+xk2TW25vKwG9yWicfQlsuiFQs=`).authMessage).toContain(',i=4096,h=Y+xk2TW25v')
  })

  test.each([
    ['one iteration too few', 'i=4095', 'iterations'],
    ['a single iteration', 'i=1', 'iterations'],
    ['more than ten million iterations', 'i=10000001', 'iterations'],
    ['more iterations than a number holds', `i=${'9'.repeat(400)}`, 'iterations'],
    ['a count of zero', 'i=0', 'none of SCRAM'],
    ['a count with a sign', 'i=-4096', 'none of SCRAM'],
    ['a count with zeros before it', 'i=04096', 'none of SCRAM'],
    ['a count that goes on', 'i=4096x', 'none of SCRAM'],
  ])('with %s is refused', (_what, count, reason) => {
    const read = readScramChallenge(FIRST, CHALLENGE.replace('i=4096', count))

    expect(read).toEqual({ refused: expect.stringContaining(reason) })
  })

  test.each([4096, 10_000_000])('with %d iterations is answered', (iterations) => {
    expect(task(CHALLENGE.replace('4096', String(iterations))).iterations).toBe(iterations)
  })

  test.each([
    ['another nonce', CHALLENGE.replace(NONCE, 'somebodyElses')],
    ['our nonce in the middle', CHALLENGE.replace(NONCE, `x${NONCE}`)],
    ['the beginning of our nonce', CHALLENGE.replace(/r=[^,]*/, `r=${NONCE.slice(0, -1)}`)],
    ['our nonce and nothing of its own', CHALLENGE.replace(/r=[^,]*/, `r=${NONCE}`)],
  ])('with %s is refused', (_what, challenge) => {
    expect(readScramChallenge(FIRST, challenge)).toEqual({ refused: expect.stringContaining('nonce') })
  })

  test.each([
    '',
    'hello',
    'e=other-error',
    `m=x,${CHALLENGE}`,
    CHALLENGE.replace('s=', 'x='),
    CHALLENGE.replace('QSXCR+Q6sek8bf92', ''),
    CHALLENGE.replace('QSXCR+Q6sek8bf92', 'QSXCR'),
    CHALLENGE.replace('QSXCR+Q6sek8bf92', 'QSXCR+Q6sek8bf9='.slice(1)),
    CHALLENGE.replace('QSXCR+Q6sek8bf92', '*'),
    CHALLENGE.replace(',i=4096', ''),
    ` ${CHALLENGE}`,
  ])('%j is none', (challenge) => {
    expect(readScramChallenge(FIRST, challenge)).toEqual({ refused: 'the challenge of the server is none of SCRAM' })
  })
})

test('the answer is the nonce of both and the proof', () => {
  expect(answerScram(task(CHALLENGE), 'v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=')).toBe(
    `c=biws,r=${NONCE}3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=`,
  )
})

describe('a success', () => {
  const SIGNATURE = 'rmF9pqV8S7suAoZWja4dJRkFsKQ='

  test.each([`v=${SIGNATURE}`, `v=${SIGNATURE},x=more`])('with the signature is one: %s', (said) => {
    expect(checkScramSuccess(SIGNATURE, said)).toBeUndefined()
  })

  test.each([
    ['another signature', 'v=AAAApqV8S7suAoZWja4dJRkFsKQ=', 'wrong'],
    ['nothing', '', 'not proved'],
    ['an error', 'e=invalid-proof', 'not proved'],
    ['the beginning of it', 'v=rmF9', 'wrong'],
    ['an empty one', 'v=', 'not proved'],
    ['more behind it', `v=${SIGNATURE}x`, 'not proved'],
  ])('with %s is none', (_what, said, reason) => {
    expect(checkScramSuccess(SIGNATURE, said)).toEqual({ refused: expect.stringContaining(reason) })
  })

  test('before there is a signature is none, whatever it says', () => {
    expect(checkScramSuccess(undefined, 'v=undefined')).toEqual({ refused: expect.stringContaining('before') })
    expect(checkScramSuccess(undefined, `v=${SIGNATURE}`)).toBeDefined()
  })
})
