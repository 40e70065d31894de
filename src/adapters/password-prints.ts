import type { PasswordPrint, PasswordPrints } from '../broker/ports.ts'

const SALT_BYTES = 32
const utf8 = new TextEncoder()

/** Prints by SHA-256 over a random salt and the password. They stay in memory: to guess from, they would be too quick. */
export function passwordPrints(): PasswordPrints {
  return {
    async print(password) {
      const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES))
      return { salt, digest: await digestOf(salt, password) }
    },
    matches: async ({ salt, digest }, password) => equal(digest, await digestOf(salt, password)),
  }
}

async function digestOf(salt: Uint8Array, password: string): Promise<PasswordPrint['digest']> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array([...salt, ...utf8.encode(password)])))
}

/** Takes as long wherever they differ. */
function equal(a: Uint8Array, b: Uint8Array): boolean {
  let different = a.length ^ b.length
  for (const [at, byte] of a.entries()) different |= byte ^ (b[at] ?? 0)
  return different === 0
}
