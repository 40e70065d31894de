// RFC 7622: XMPP Address Format
// https://www.rfc-editor.org/rfc/rfc7622
import { utf8Length } from './utf8.ts'

/** An address, taken apart and normalised. `bare` has no resource; `full` has it where there is one. */
export interface Jid {
  readonly local: string | undefined
  readonly domain: string
  readonly resource: string | undefined
  readonly bare: string
  readonly full: string
}

const MAX_BYTES = 1023
// biome-ignore lint/suspicious/noControlCharactersInRegex: the control characters are what is looked for (RFC 8264 section 9.3)
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]/
/** Not allowed in a localpart even where PRECIS would allow them (RFC 7622 section 3.3.1). */
const LOCAL_FORBIDDEN = /["&'/:<>@\s]/
const DOMAIN_FORBIDDEN = /[\s/@<>"&']/
/** Unpaired surrogates cannot be written as UTF-8. */
const LONE_SURROGATE = /\p{Surrogate}/u

const fits = (part: string): boolean => part.length > 0 && utf8Length(part) <= MAX_BYTES

/**
 * Reads an address as a person or an app writes it.
 *
 * @returns `undefined` where it is no address: this is for input, the caller decides what an error is
 */
export function parseJid(text: string): Jid | undefined {
  const slash = text.indexOf('/')
  const address = slash === -1 ? text : text.slice(0, slash)
  const at = address.indexOf('@')
  const local = at === -1 ? undefined : normalLocal(address.slice(0, at))
  const domain = normalDomain(at === -1 ? address : address.slice(at + 1))
  const resource = slash === -1 ? undefined : normalResource(text.slice(slash + 1))
  if (domain === undefined || (at !== -1 && local === undefined) || (slash !== -1 && resource === undefined))
    return undefined
  const bare = local === undefined ? domain : `${local}@${domain}`
  return { local, domain, resource, bare, full: resource === undefined ? bare : `${bare}/${resource}` }
}

/** UsernameCaseMapped in what matters: width and case mapped, NFC (RFC 8265 section 3.3). */
function normalLocal(part: string): string | undefined {
  const mapped = part.normalize('NFKC').toLowerCase().normalize('NFC')
  return fits(mapped) && !LOCAL_FORBIDDEN.test(mapped) && !unsafe(mapped) ? mapped : undefined
}

function normalDomain(part: string): string | undefined {
  const mapped = part.normalize('NFKC').toLowerCase().replace(/\.$/, '')
  const whole = mapped.split('.').every((label) => label !== '')
  return fits(mapped) && whole && !DOMAIN_FORBIDDEN.test(mapped) && !unsafe(mapped) ? mapped : undefined
}

/**
 * A resource, and so a nick, in the form in which servers compare it (OpaqueString, RFC 8265 section 4.2).
 *
 * @returns `undefined` for what no server accepts: empty, only spaces, control characters, over 1,023 bytes
 */
export function normalResource(part: string): string | undefined {
  const mapped = part.replace(/\p{Zs}/gu, ' ').normalize('NFC')
  return fits(mapped) && mapped.trim() !== '' && !unsafe(mapped) ? mapped : undefined
}

const unsafe = (part: string): boolean => CONTROLS.test(part) || LONE_SURROGATE.test(part)

/**
 * The bare part of an address from the network, as it stands there.
 *
 * Servers send addresses in normal form, so nothing is normalised: this runs for every stanza.
 */
export function bareOf(address: string): string {
  const slash = address.indexOf('/')
  return slash === -1 ? address : address.slice(0, slash)
}

/** The resource of an address from the network: in a room, the nick. `undefined` where there is none. */
export function resourceOf(address: string): string | undefined {
  const slash = address.indexOf('/')
  return slash === -1 || slash === address.length - 1 ? undefined : address.slice(slash + 1)
}

/** The domain of an address from the network. */
export function domainOf(address: string): string {
  const bare = bareOf(address)
  return bare.slice(bare.indexOf('@') + 1)
}
