// XEP-0292: vCard4 Over XMPP, version 0.11; XEP-0054: vcard-temp, version 1.2
// https://xmpp.org/extensions/xep-0292.html
import { child, el, textOf, type XmlNode } from './xml.ts'

export const NS_VCARD4 = 'urn:ietf:params:xml:ns:vcard-4.0'
export const VCARD4_NODE = 'urn:xmpp:vcard4'

type Path = readonly string[]

/** Where a field is in a card of today, and in one of old: whatever else a card holds is left as it is. */
const FIELDS = {
  nick: [['nickname', 'text'], ['NICKNAME']],
  fullName: [['fn', 'text'], ['FN']],
  givenName: [
    ['n', 'given'],
    ['N', 'GIVEN'],
  ],
  familyName: [
    ['n', 'surname'],
    ['N', 'FAMILY'],
  ],
  birthday: [['bday', 'date'], ['BDAY']],
  email: [
    ['email', 'text'],
    ['EMAIL', 'USERID'],
  ],
  phone: [
    ['tel', 'uri'],
    ['TEL', 'NUMBER'],
  ],
  url: [['url', 'uri'], ['URL']],
  organization: [
    ['org', 'text'],
    ['ORG', 'ORGNAME'],
  ],
  title: [['title', 'text'], ['TITLE']],
  role: [['role', 'text'], ['ROLE']],
  note: [['note', 'text'], ['DESC']],
} as const satisfies Record<string, readonly [Path, Path]>

export type ProfileFields = { readonly [N in keyof typeof FIELDS]?: string }

/** In characters: what others write is as long as they like. */
const LONGEST = 4_000
const TEL = 'tel:'

const fieldsOf = ({ ns }: XmlNode): [string, Path][] =>
  Object.entries(FIELDS).map(([name, [today, old]]) => [name, ns === NS_VCARD4 ? today : old])

/** What a card of either kind says. */
export function readProfile(card: XmlNode): ProfileFields {
  const found = fieldsOf(card).flatMap(([name, path]) => {
    const text = textAt(card, path).trim().slice(0, LONGEST)
    return text === '' ? [] : [[name, text.startsWith(TEL) ? text.slice(TEL.length) : text]]
  })
  return Object.fromEntries(found)
}

/** The card with those fields; an empty one is taken out. */
export function withProfile(card: XmlNode, changes: ProfileFields): XmlNode {
  const given = new Map(Object.entries(changes))
  return fieldsOf(card).reduce((next, [name, path]) => {
    const text = given.get(name)
    if (text === undefined) return next
    return withText(next, path, text && path[0] === 'tel' ? `${TEL}${text}` : text) ?? el(card.ns, card.name)
  }, card)
}

function textAt(node: XmlNode, [name, ...rest]: Path): string {
  if (name === undefined) return textOf(node)
  const found = child(node, node.ns, name)
  return found ? textAt(found, rest) : ''
}

/** The node with that text at the end of the path; `undefined` where nothing is left of it. */
function withText(node: XmlNode, [name, ...rest]: Path, text: string): XmlNode | undefined {
  if (name === undefined) return text === '' ? undefined : { ...node, children: [text] }
  const before = child(node, node.ns, name)
  const after = withText(before ?? el(node.ns, name), rest, text)
  const children = before
    ? node.children.flatMap((each) => (each !== before ? [each] : after ? [after] : []))
    : [...node.children, ...(after ? [after] : [])]
  return children.length > 0 ? { ...node, children } : undefined
}
