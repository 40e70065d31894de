import type { PasswordPrints } from '../../../src/broker/ports.ts'

/** Prints that hide nothing, and are there as soon as promises can be. */
export const plainPrints: PasswordPrints = {
  print: async (password) => ({ salt: new Uint8Array(), digest: new TextEncoder().encode(password) }),
  matches: async ({ digest }, password) => new TextDecoder().decode(digest) === password,
}
