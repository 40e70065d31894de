import { type FastToken, hashOf } from '../account/fast-token.ts'
import type { SaslExchange } from './sasl-exchange.ts'
import { tokenSignature, unsealed } from './web-crypto.ts'

/**
 * What a token has to say, and what shows that the server knows it, too (draft-schmaus-kitten-sasl-ht section 3): by
 * nothing that the one hears can the other be said.
 *
 * @returns `undefined` where the token cannot be opened any more
 */
export async function prepareToken(name: string, token: FastToken): Promise<SaslExchange | undefined> {
  const hash = hashOf(token.mechanism)
  const key = hash && (await unsealed(token.sealed, hash))
  if (!key) return undefined
  const [first, theirs] = await Promise.all([
    tokenSignature(key, 'Initiator', `${name}\0`),
    tokenSignature(key, 'Responder'),
  ])
  return {
    first,
    answer: async () => ({ refused: 'the server asks for more than a token has to say' }),
    refuseSuccess: (said) =>
      said === theirs ? undefined : { refused: 'the server does not know the token: its signature is wrong' },
  }
}
