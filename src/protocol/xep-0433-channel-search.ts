// XEP-0433: Extended Channel Search, version 0.1.0
// https://xmpp.org/extensions/xep-0433.html

import { type Form, submitForm } from './xep-0004-forms.ts'
import { roomAddress } from './xep-0045-muc.ts'
import { type PageWish, pageWish } from './xep-0059-rsm.ts'
import { child, childrenOf, childText, el, type XmlNode } from './xml.ts'

export const NS_CHANNEL_SEARCH = 'urn:xmpp:channel-search:0:search'
const PARAMS = 'urn:xmpp:channel-search:0:search-params'

/** A room that was found: no more is known of it than the service says. */
export interface FoundRoom {
  /** Bare JID. */
  readonly room: string
  readonly name?: string
  readonly description?: string
  readonly language?: string
  readonly occupants?: number
  /** Anybody can come in, without a password. */
  readonly open?: boolean
}

/** Asks what can be searched by: the answer holds a form. */
export const searchFormEl = (): XmlNode => el(NS_CHANNEL_SEARCH, 'search')

/** Searches names, descriptions and addresses, as far as the service's form knows these fields. */
export function searchEl(text: string, page: PageWish, form: Form | undefined): XmlNode {
  const fields = new Set(form?.fields.map(({ name }) => name))
  const places = ['sinname', 'sindescription', 'sinaddr'].filter((name) => fields.has(name))
  const values = { q: text, ...Object.fromEntries(places.map((name) => [name, true])) }
  return el(NS_CHANNEL_SEARCH, 'search', undefined, pageWish(page), submitForm(PARAMS, values))
}

/** What was found, and the element that says which page it is; rooms of other kinds than XEP-0045 are left out. */
export function readFound(answer: XmlNode): { readonly rooms: FoundRoom[]; readonly result: XmlNode } | undefined {
  const result = child(answer, NS_CHANNEL_SEARCH, 'result')
  if (!result) return undefined
  return { rooms: childrenOf(result, NS_CHANNEL_SEARCH, 'item').flatMap(readItem), result }
}

function readItem(item: XmlNode): FoundRoom[] {
  const say = (name: string): string | undefined => childText(item, NS_CHANNEL_SEARCH, name) || undefined
  const room = roomAddress(item.attrs['address'] ?? '')
  if (!room?.includes('@') || (say('service-type') ?? 'xep-0045') !== 'xep-0045') return []
  const [name, description, language, users] = ['name', 'description', 'language', 'nusers'].map(say)
  return [
    {
      room,
      ...(name && { name }),
      ...(description && { description }),
      ...(language && { language }),
      ...(users && /^\d{1,9}$/.test(users) && { occupants: Number(users) }),
      open: child(item, NS_CHANNEL_SEARCH, 'is-open') !== undefined,
    },
  ]
}
