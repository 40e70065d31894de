// RFC 5802: Salted Challenge Response Authentication Mechanism (SCRAM)
// https://www.rfc-editor.org/rfc/rfc5802
import type { Refused } from './sasl.ts'

/** RFC 5802 section 5.1 and RFC 7677 section 4: with fewer, whoever hears the proof finds the password too fast. */
const LEAST_ITERATIONS = 4_096
/** Two to eight seconds of a desktop machine; more is not protection, but an attack on who signs in. */
const MOST_ITERATIONS = 10_000_000

/** No channel binding, and no other identity: `n,,`; and the same in base64, as the last message repeats it. */
const GS2_HEADER = 'n,,'
const GS2_HEADER_BASE64 = 'biws'

/** What the client says first. */
export interface ScramFirst {
  readonly message: string
  /** Without the header: it is part of what both sides sign. */
  readonly bare: string
  readonly nonce: string
}

/** What is to be computed for an answer. */
export interface ScramTask {
  /** In base64. */
  readonly salt: string
  readonly iterations: number
  /** What both sides sign. */
  readonly authMessage: string
  /** The answer, but for its proof. */
  readonly unproved: string
}

/** @param nonce printable, without comma, and never used before */
export function beginScram(name: string, nonce: string): ScramFirst {
  const bare = `n=${name.replaceAll('=', '=3D').replaceAll(',', '=2C')},r=${nonce}`
  return { message: GS2_HEADER + bare, bare, nonce }
}

const BASE64 = '(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)'
const CHALLENGE = new RegExp(`^r=([!-+\\--~]+),s=(${BASE64}),i=([1-9]\\d*)(?:,|$)`)
const SIGNATURE = new RegExp(`^v=(${BASE64})(?:,|$)`)

/** What the server's challenge asks for. Extensions behind what must be there mean nothing to us (section 5.1). */
export function readScramChallenge(first: ScramFirst, challenge: string): ScramTask | Refused {
  const [, nonce = '', salt = '', count] = CHALLENGE.exec(challenge) ?? []
  if (count === undefined) return { refused: 'the challenge of the server is none of SCRAM' }
  if (!nonce.startsWith(first.nonce) || nonce === first.nonce) {
    return { refused: 'the challenge of the server is not for this sign-in: its nonce is not ours, continued' }
  }
  const iterations = Number(count)
  if (iterations < LEAST_ITERATIONS || iterations > MOST_ITERATIONS) {
    return {
      refused: `the server asks for ${iterations} iterations, not for ${LEAST_ITERATIONS} to ${MOST_ITERATIONS}`,
    }
  }
  const unproved = `c=${GS2_HEADER_BASE64},r=${nonce}`
  return { salt, iterations, authMessage: `${first.bare},${challenge},${unproved}`, unproved }
}

/** @param proof in base64 */
export const answerScram = ({ unproved }: ScramTask, proof: string): string => `${unproved},p=${proof}`

/**
 * Whether the server knows the password, too. One that does not may be anybody.
 *
 * @param expected its signature, in base64; `undefined` while there is none: the server has not been told our proof
 */
export function checkScramSuccess(expected: string | undefined, said: string): Refused | undefined {
  if (expected === undefined) return { refused: 'the server says that we are in before it has seen a proof' }
  const signature = SIGNATURE.exec(said)?.[1]
  if (signature === undefined) return { refused: 'the server has not proved that it knows the password' }
  if (signature !== expected) return { refused: 'the server does not know the password: its signature is wrong' }
  return undefined
}
