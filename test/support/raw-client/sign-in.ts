import { type Element, el } from '../ltx.ts'
import type { Wire } from './wire.ts'

/** Who signs in, and how. */
export type SignIn = {
  /** Bare. */
  readonly jid: string
  readonly password: string
  readonly resource: string
  readonly streamManagement: boolean
  readonly deadlineMs: number
}

const NS_FRAMING = 'urn:ietf:params:xml:ns:xmpp-framing'
const NS_SASL = 'urn:ietf:params:xml:ns:xmpp-sasl'
const NS_BIND = 'urn:ietf:params:xml:ns:xmpp-bind'
const NS_SM = 'urn:xmpp:sm:3'

/**
 * The full JID that the server gave to this stream, after SASL PLAIN, bind and, if wanted, XEP-0198 with resumption.
 *
 * @throws Error that shows what the server said instead
 */
export async function signIn(wire: Wire, { jid, password, resource, ...options }: SignIn): Promise<string> {
  const [user = '', domain = ''] = jid.split('@')
  const expect = async (name: string, namespace?: string): Promise<Element> => {
    const element = await wire.next(`sign-in of ${jid}, waiting for <${name}/>`, options.deadlineMs)
    if (!element.is(name, namespace)) throw new Error(`sign-in of ${jid}: not <${name}/> but ${element}`)
    return element
  }
  const openStream = async () => {
    wire.send(String(el('open', { xmlns: NS_FRAMING, to: domain, version: '1.0' })))
    await expect('open', NS_FRAMING)
    await expect('features')
  }

  await openStream()
  const credentials = Buffer.from(`\0${user}\0${password}`, 'utf8').toString('base64')
  wire.send(String(el('auth', { xmlns: NS_SASL, mechanism: 'PLAIN' }, credentials)))
  await expect('success', NS_SASL)

  await openStream()
  const bind = el('bind', { xmlns: NS_BIND }, el('resource', {}, resource))
  wire.send(String(el('iq', { xmlns: 'jabber:client', type: 'set', id: 'bind' }, bind)))
  const bound = await expect('iq')
  const fullJid = bound.getChild('bind', NS_BIND)?.getChildText('jid')
  if (!fullJid) throw new Error(`sign-in of ${jid}: not bound but ${bound}`)

  if (options.streamManagement) {
    wire.send(String(el('enable', { xmlns: NS_SM, resume: 'true' })))
    await expect('enabled', NS_SM)
  }
  return fullJid
}
