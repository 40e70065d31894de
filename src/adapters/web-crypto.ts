const utf8 = new TextEncoder()

/** The SHA-1 of a text, in base64. */
export async function sha1(text: string): Promise<string> {
  return base64(await crypto.subtle.digest('SHA-1', utf8.encode(text)))
}

/** In base64. */
export const sha256OfBytes = async (bytes: ArrayBuffer): Promise<string> =>
  base64(await crypto.subtle.digest('SHA-256', bytes))

/** The SHA-1 of whatever it is, in hexadecimal. */
export async function sha1Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-1', bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** The UTF-8 of a text, in base64. */
export const base64OfText = (text: string): string => base64(utf8.encode(text))

/** @returns `undefined` where it is no base64, or what it holds is no UTF-8 */
export function textOfBase64(text: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytesOf(text))
  } catch {
    return undefined
  }
}

/** So many random bytes, in base64. */
export const randomBase64 = (bytes: number): string => base64(crypto.getRandomValues(new Uint8Array(bytes)))

export type ScramHash = 'SHA-1' | 'SHA-256' | 'SHA-512'

const HASH_BYTES: Readonly<Record<ScramHash, number>> = { 'SHA-1': 20, 'SHA-256': 32, 'SHA-512': 64 }

export interface ScramSecrets {
  /** In base64, as all here. */
  readonly salt: string
  readonly iterations: number
  readonly authMessage: string
}

/** A password from which keys can be derived, and nothing else. */
export async function derivable(password: string): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', utf8.encode(password), 'PBKDF2', false, ['deriveBits'])
}

/** What proves the password to the server, and what is to prove it to us (RFC 5802 section 3); both in base64. */
export async function scramSignatures(
  hash: ScramHash,
  password: CryptoKey,
  { salt, iterations, authMessage }: ScramSecrets,
): Promise<{ readonly proof: string; readonly signature: string }> {
  const derivation = { name: 'PBKDF2', hash, salt: bytesOf(salt), iterations }
  const salted = await crypto.subtle.deriveBits(derivation, password, HASH_BYTES[hash] * 8)
  const hmac = async (key: BufferSource, text: string): Promise<Uint8Array<ArrayBuffer>> => {
    const imported = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash }, false, ['sign'])
    return new Uint8Array(await crypto.subtle.sign('HMAC', imported, utf8.encode(text)))
  }
  const ours = async (): Promise<string> => {
    const clientKey = await hmac(salted, 'Client Key')
    const signature = await hmac(await crypto.subtle.digest(hash, clientKey), authMessage)
    return base64(clientKey.map((byte, i) => byte ^ (signature[i] ?? 0)))
  }
  const theirs = async (): Promise<string> => base64(await hmac(await hmac(salted, 'Server Key'), authMessage))
  const [proof, signature] = await Promise.all([ours(), theirs()])
  return { proof, signature }
}

/** A secret that lies in a store: only the key beside it opens it, and no script gets to see that key. */
export interface Sealed {
  readonly key: CryptoKey
  readonly iv: Uint8Array<ArrayBuffer>
  readonly bytes: ArrayBuffer
}

export async function seal(secret: string): Promise<Sealed> {
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'unwrapKey'])
  const iv = crypto.getRandomValues(new Uint8Array(12))
  return { key, iv, bytes: await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, utf8.encode(secret)) }
}

/**
 * The secret as a key that signs, and that no script gets to see either.
 *
 * @returns `undefined` for what was not sealed here, or has been changed since
 */
export async function unsealed(sealed: unknown, hash: string): Promise<CryptoKey | undefined> {
  if (!isSealed(sealed)) return undefined
  const { key, iv, bytes } = sealed
  try {
    const signing = { name: 'HMAC', hash }
    return await crypto.subtle.unwrapKey('raw', bytes, key, { name: 'AES-GCM', iv }, signing, false, ['sign'])
  } catch {
    return undefined // whatever the browser says: it cannot be opened
  }
}

function isSealed(value: unknown): value is Sealed {
  if (typeof value !== 'object' || value === null) return false
  return 'key' in value && value.key instanceof CryptoKey && 'iv' in value && 'bytes' in value
}

/** What a token's mechanism says: `before` as it is, and what the key makes of `text`; in base64. */
export async function tokenSignature(key: CryptoKey, text: string, before = ''): Promise<string> {
  const signature = new Uint8Array(await crypto.subtle.sign('HMAC', key, utf8.encode(text)))
  return base64(new Uint8Array([...utf8.encode(before), ...signature]))
}

/** In parts: a function takes only so many arguments. */
export function base64(data: ArrayBuffer | Uint8Array): string {
  const bytes = new Uint8Array(data)
  let text = ''
  for (let at = 0; at < bytes.length; at += 8_192) text += String.fromCharCode(...bytes.subarray(at, at + 8_192))
  return btoa(text)
}

/** @throws where it is no base64 */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
}
