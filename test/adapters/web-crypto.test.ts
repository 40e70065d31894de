import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  base64,
  base64OfText,
  bytesOf,
  derivable,
  randomBase64,
  type ScramHash,
  scramSignatures,
  sha1,
  sha1Hex,
  textOfBase64,
} from '../../src/adapters/web-crypto.ts'

interface Vector {
  readonly hash: ScramHash
  readonly password: string
  readonly salt: string
  readonly iterations: number
  readonly authMessage: string
}

const signatures = async ({ hash, password, ...task }: Vector) => scramSignatures(hash, await derivable(password), task)

const RFC_5802: Vector = {
  hash: 'SHA-1',
  password: 'pencil',
  salt: 'QSXCR+Q6sek8bf92',
  iterations: 4096,
  authMessage:
    'n=user,r=fyko+d2lbbFgONRv9qkxdawL,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096,' +
    'c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j',
}
const RFC_7677: Vector = {
  hash: 'SHA-256',
  password: 'pencil',
  salt: 'W22ZaJ0SNY7soEsUEjb6gQ==',
  iterations: 4096,
  authMessage:
    'n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,' +
    's=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0',
}

describe('what SCRAM signs', () => {
  test('is that of RFC 5802 section 5', async () => {
    expect(await signatures(RFC_5802)).toEqual({
      proof: 'v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=',
      signature: 'rmF9pqV8S7suAoZWja4dJRkFsKQ=',
    })
  })

  test('is that of RFC 7677 section 3', async () => {
    expect(await signatures(RFC_7677)).toEqual({
      proof: 'dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
      signature: '6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
    })
  })

  test.each<[ScramHash, string, number]>([
    ['SHA-1', 'пароль', 5_000],
    ['SHA-256', '🔑'.repeat(100), 4_096],
    ['SHA-512', 'pencil', 4_096],
    ['SHA-512', 'パスワード', 10_000],
    ['SHA-512', '', 4_096],
  ])('by %s with the password %s and %d iterations is what Node computes', async (hash, password, iterations) => {
    const vector = { ...RFC_7677, hash, password, iterations }

    expect(await signatures(vector)).toEqual(byNode(vector))
  })
})

/** RFC 5802 section 3, word for word. */
function byNode({ hash, password, salt, iterations, authMessage }: Vector) {
  const name = hash.replace('-', '').toLowerCase()
  const h = (text: Buffer): Buffer => createHash(name).update(text).digest()
  const hmac = (key: Buffer, text: string): Buffer => createHmac(name, key).update(text).digest()
  const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), iterations, h(Buffer.alloc(0)).length, name)
  const clientKey = hmac(salted, 'Client Key')
  const clientSignature = hmac(h(clientKey), authMessage)
  return {
    proof: Buffer.from(clientKey.map((byte, i) => byte ^ (clientSignature[i] ?? 0))).toString('base64'),
    signature: hmac(hmac(salted, 'Server Key'), authMessage).toString('base64'),
  }
}

test('the SHA-1 of a text is in base64', async () => {
  expect(await sha1('abc')).toBe(Buffer.from('a9993e364706816aba3e25717850c26c9cd0d89d', 'hex').toString('base64'))
})

describe('text in base64', () => {
  test.each(['', 'a', 'n,,n=user', 'пароль', '🔑', '\u0000', '\ufeffa'])('%j is read as it was written', (text) => {
    expect(base64OfText(text)).toBe(Buffer.from(text, 'utf8').toString('base64'))
    expect(textOfBase64(base64OfText(text))).toBe(text)
  })

  test.each([
    ['no base64', '***'],
    ['a length that is none', 'A'],
    ['no UTF-8', '/w=='],
  ])('%s is nothing', (_what, text) => {
    expect(textOfBase64(text)).toBeUndefined()
  })
})

test('random bytes are as many as asked for, and others each time', () => {
  expect(Buffer.from(randomBase64(24), 'base64')).toHaveLength(24)
  expect(randomBase64(24)).not.toBe(randomBase64(24))
})

test('bytes of any number are base64 and back', () => {
  for (const length of [0, 1, 8_191, 8_192, 8_193, 300_000]) {
    const bytes = Uint8Array.from({ length }, (_, at) => (at * 7) & 255)

    const text = base64(bytes)
    expect(text).toBe(Buffer.from(bytes).toString('base64'))
    expect(Buffer.compare(bytesOf(text), bytes)).toBe(0)
  }
})

test('the SHA-1 of bytes is what others make of them', async () => {
  const bytes = Uint8Array.from({ length: 1_000 }, (_, at) => at & 255)

  expect(await sha1Hex(bytes)).toBe(createHash('sha1').update(bytes).digest('hex'))
})
