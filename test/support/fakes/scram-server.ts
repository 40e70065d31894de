import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import type { XmlNode } from '../../../src/protocol/xml.ts'

const NS_SASL = 'urn:ietf:params:xml:ns:xmpp-sasl'

export interface ScramServerOptions {
  readonly mechanism?: 'SCRAM-SHA-1' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
  readonly password?: string
  readonly iterations?: number | string
  /** Makes of our nonce the one of both. */
  readonly nonce?: (ours: string) => string
  /** Makes of a good challenge another one. */
  readonly challenge?: (good: string) => string
  /** Makes of the good `v=…` what stands in `<success/>`; `undefined` leaves it without content. */
  readonly success?: (good: string) => string | undefined
}

/** The server's side of SCRAM, computed by Node and not by WebCrypto, that goes wrong where a test wants it to. */
export function scramServer(options: ScramServerOptions = {}): (word: XmlNode) => string {
  const { mechanism = 'SCRAM-SHA-256', password = 'secret', iterations = 4096 } = options
  const { nonce = (ours) => `${ours}theirs`, challenge = (good) => good, success = (good) => good } = options
  const hash = mechanism.slice('SCRAM-'.length).replace('-', '').toLowerCase()
  const hmac = (key: Buffer, text: string): Buffer => createHmac(hash, key).update(text).digest()
  const salt = Buffer.from('salt of the test')
  let bare = ''
  let asked = ''
  return (word) => {
    const text = Buffer.from(word.children.join(''), 'base64').toString('utf8')
    if (word.name === 'auth') {
      if (word.attrs['mechanism'] !== mechanism) return `<failure xmlns='${NS_SASL}'><invalid-mechanism/></failure>`
      bare = text.slice('n,,'.length)
      const ours = bare.slice(bare.indexOf(',r=') + ',r='.length)
      asked = challenge(`r=${nonce(ours)},s=${salt.toString('base64')},i=${iterations}`)
      return `<challenge xmlns='${NS_SASL}'>${base64(asked)}</challenge>`
    }
    const proofAt = text.lastIndexOf(',p=')
    const signed = `${bare},${asked},${text.slice(0, proofAt)}`
    const salted = pbkdf2Sync(password, salt, Number(iterations), createHash(hash).digest().length, hash)
    const clientKey = hmac(salted, 'Client Key')
    const signature = hmac(createHash(hash).update(clientKey).digest(), signed)
    const proof = Buffer.from(clientKey.map((byte, i) => byte ^ (signature[i] ?? 0))).toString('base64')
    if (text.slice(proofAt + ',p='.length) !== proof) return `<failure xmlns='${NS_SASL}'><not-authorized/></failure>`
    const said = success(`v=${hmac(hmac(salted, 'Server Key'), signed).toString('base64')}`)
    return `<success xmlns='${NS_SASL}'>${said === undefined ? '' : base64(said)}</success>`
  }
}

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64')
