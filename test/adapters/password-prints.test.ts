import { describe, expect, test } from 'vitest'
import { passwordPrints } from '../../src/adapters/password-prints.ts'

const prints = passwordPrints()

describe('the print of a password', () => {
  test('is matched by that password', async () => {
    expect(await prints.matches(await prints.print('pässword'), 'pässword')).toBe(true)
  })

  test.each(['', 'secre', 'secret ', 'Secret', 'secrét'])('is not matched by %j', async (other) => {
    expect(await prints.matches(await prints.print('secret'), other)).toBe(false)
  })

  test('does not hold it, and is another one each time', async () => {
    const [one, two] = [await prints.print('secret'), await prints.print('secret')]

    expect(one.digest).toHaveLength(32)
    expect(one.salt).not.toEqual(two.salt)
    expect(one.digest).not.toEqual(two.digest)
    expect(Buffer.from([...one.salt, ...one.digest]).includes('secret')).toBe(false)
  })
})
