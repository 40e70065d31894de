// XEP-0156: Discovering Alternative XMPP Connection Methods, version 1.4.0
// https://xmpp.org/extensions/xep-0156.html
import { childrenOf, type XmlNode } from '../protocol/xml.ts'
import { readFrame } from './frame-reader.ts'
import { addressRefusal, isLoopback } from './service-address.ts'

const REL = 'urn:xmpp:alt-connections:websocket'
const NS_XRD = 'http://docs.oasis-open.org/ns/xri/xrd-1.0'
/** For all that is asked. */
const DEADLINE_MS = 10_000
/** More than any host-meta needs. */
const MOST_CHARS = 100_000

/** Asks by HTTP; the browser's own `fetch`. */
export type Fetch = (url: string, options: RequestInit) => Promise<Response>

/**
 * Where the server of a domain takes WebSockets, as its host-meta says; nothing where it says nothing in time. Only
 * addresses that we would connect to.
 */
export async function discoverServices(
  domain: string,
  fetch: Fetch = globalThis.fetch.bind(globalThis),
  deadlineMs = DEADLINE_MS,
): Promise<readonly string[]> {
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(), deadlineMs)
  try {
    for (const origin of originsOf(domain)) {
      for (const [file, read] of FILES) {
        const text = await textAt(`${origin}/.well-known/${file}`, fetch, deadline.signal)
        const services = text === undefined ? [] : read(text).filter((each) => addressRefusal(each) === undefined)
        if (services.length > 0) return services
      }
    }
    return []
  } finally {
    clearTimeout(timer)
  }
}

const FILES = [
  ['host-meta.json', readJson],
  ['host-meta', readXml],
] as const

/** What comes without TLS anybody on the way can write: it is for this machine only. */
function originsOf(domain: string): readonly string[] {
  const secure = `https://${domain}`
  if (!URL.canParse(secure)) return []
  return isLoopback(secure) ? [secure, `http://${domain}`] : [secure]
}

async function textAt(url: string, fetch: Fetch, signal: AbortSignal): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal, credentials: 'omit', redirect: 'follow', cache: 'no-cache' })
    // A redirect must not lead to where anybody can write.
    if (!response.ok || (url.startsWith('https:') && response.url !== '' && !response.url.startsWith('https:')))
      return undefined
    const text = await response.text()
    return text.length > MOST_CHARS ? undefined : text
  } catch {
    return undefined // not there, not allowed for this page (CORS), or too late: all the same for us
  }
}

function readJson(text: string): string[] {
  let meta: unknown
  try {
    meta = JSON.parse(text)
  } catch {
    return []
  }
  const links: unknown = isObject(meta) ? meta['links'] : undefined
  return Array.isArray(links) ? links.filter(isObject).flatMap(hrefOf) : []
}

function readXml(text: string): string[] {
  const meta: XmlNode | undefined = readFrame(text.trim())
  return meta ? childrenOf(meta, NS_XRD, 'Link').flatMap(({ attrs }) => hrefOf(attrs)) : []
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

const hrefOf = ({ rel, href }: Readonly<Record<string, unknown>>): string[] =>
  rel === REL && typeof href === 'string' ? [href] : []
