import type { Mechanism, Refused } from '../account/sasl.ts'
import { saslPrep } from '../account/saslprep.ts'
import { answerScram, beginScram, checkScramSuccess, readScramChallenge } from '../account/scram.ts'
import { base64OfText, derivable, randomBase64, type ScramHash, scramSignatures, textOfBase64 } from './web-crypto.ts'

/** What the two sides say by one mechanism, in base64. */
export interface SaslExchange {
  /** What we say with the choice of the mechanism. */
  readonly first: string
  /** @returns what we say to that */
  answer(challenge: string): Promise<string | Refused>
  /** @returns why that is no success, whatever the server says */
  refuseSuccess(said: string): Refused | undefined
}

/**
 * What there is to say for this account by each mechanism, once it is known which. All that needs no word of the server
 * is done here: it can be done while the connection opens.
 *
 * @returns gives `Refused` where the mechanism cannot be used with such a name or password
 */
export function prepareExchange(name: string, password: string): (mechanism: Mechanism) => SaslExchange | Refused {
  const scram = prepareScram(name, password)
  return (mechanism) => {
    switch (mechanism) {
      case 'ANONYMOUS':
        return oneMessage('')
      case 'PLAIN':
        // As it is given: it is the server that prepares it (RFC 4616 section 2).
        return oneMessage(`\0${name}\0${password}`)
      case 'SCRAM-SHA-1':
        return scram('SHA-1')
      case 'SCRAM-SHA-256':
        return scram('SHA-256')
      case 'SCRAM-SHA-512':
        return scram('SHA-512')
    }
  }
}

/** PLAIN (RFC 4616) and ANONYMOUS (RFC 4505): there is nothing to ask back. */
function oneMessage(first: string): SaslExchange {
  return {
    first: base64OfText(first),
    answer: async () => ({ refused: 'the server asks for more than this mechanism has to say' }),
    refuseSuccess: () => undefined,
  }
}

const NOT_TEXT: Refused = { refused: 'what the server says for the sign-in is no text in base64' }

const NONCE_BYTES = 24

function prepareScram(name: string, password: string): (hash: ScramHash) => SaslExchange | Refused {
  const prepared = { name: saslPrep(name), password: saslPrep(password) }
  if (prepared.name === undefined) return () => ({ refused: 'the name holds a character that SASLprep prohibits' })
  if (prepared.password === undefined) {
    return () => ({ refused: 'the password holds a character that SASLprep prohibits' })
  }
  const first = beginScram(prepared.name, randomBase64(NONCE_BYTES))
  const key = derivable(prepared.password)
  key.catch(() => undefined) // whoever answers hears of it
  return (hash) => {
    let answered = false
    let signature: string | undefined
    return {
      first: base64OfText(first.message),
      async answer(challenge) {
        if (answered) return { refused: 'the server asks a second time' }
        answered = true
        const text = textOfBase64(challenge)
        if (text === undefined) return NOT_TEXT
        const task = readScramChallenge(first, text)
        if ('refused' in task) return task
        const made = await scramSignatures(hash, await key, task)
        signature = made.signature
        return base64OfText(answerScram(task, made.proof))
      },
      refuseSuccess(said) {
        const text = textOfBase64(said)
        return text === undefined ? NOT_TEXT : checkScramSuccess(signature, text)
      },
    }
  }
}
