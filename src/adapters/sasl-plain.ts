import type { Mechanism } from 'saslmechanisms'

/**
 * SASL PLAIN (RFC 4616) in UTF-8.
 *
 * The library writes what it is given as bytes, one for each character: so the characters must be the bytes.
 */
export class Plain implements Mechanism {
  readonly name = 'PLAIN'
  readonly clientFirst = true

  response({ username, password }: Record<string, string | null>): string {
    const bytes = new TextEncoder().encode(`\0${username ?? ''}\0${password ?? ''}`)
    return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  }

  challenge(): void {
    // PLAIN has one message, and no challenge.
  }
}
