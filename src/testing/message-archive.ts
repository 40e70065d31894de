import { NS_CLIENT } from '../protocol/stanza.ts'
import { formValue, readForm } from '../protocol/xep-0004-forms.ts'
import { readDateTime, writeDateTime } from '../protocol/xep-0082-datetime.ts'
import { NS_DELAY } from '../protocol/xep-0203-delay.ts'
import { NS_MAM } from '../protocol/xep-0313-mam.ts'
import { NS_SID } from '../protocol/xep-0359-stanza-id.ts'
import { child, childText, el, type XmlNode } from '../protocol/xml.ts'
import { type Answer, type Peer, readdressed, refused, stanzaEl } from './peer.ts'

const NS_FORWARD = 'urn:xmpp:forward:0'
const NS_RSM = 'http://jabber.org/protocol/rsm'
const NS_HINTS = 'urn:xmpp:hints'
/** As Prosody does: so many at once, unless fewer are wanted. */
const MOST_AT_ONCE = 50
/** A server that runs for days must not grow: the oldest go. */
const MOST_KEPT = 5_000
/** Besides a body, what is worth keeping. */
const KEPT = new Set([
  'urn:xmpp:chat-markers:0',
  'urn:xmpp:reactions:0',
  'urn:xmpp:message-retract:1',
  'urn:xmpp:fasten:0',
])

export interface Archived {
  readonly id: string
  readonly stampMs: number
  readonly stanza: XmlNode
  /** Of an account's archive: the bare JID at the other end. */
  readonly with?: string
}

/** Whether an archive keeps it: what has a body, or means something for a message that has one (XEP-0313 section 5.1.1). */
export function isKept(message: XmlNode): boolean {
  const hint = (name: string): boolean => child(message, NS_HINTS, name) !== undefined
  if (hint('no-store') || hint('no-permanent-store')) return false
  const named = message.children.some((each) => typeof each !== 'string' && KEPT.has(each.ns))
  return hint('store') || named || childText(message, NS_CLIENT, 'body') !== undefined
}

export const stanzaIdEl = (by: string, id: string): XmlNode => el(NS_SID, 'stanza-id', { by, id })

export const delayEl = (stampMs: number, from?: string): XmlNode =>
  el(NS_DELAY, 'delay', { from, stamp: writeDateTime(stampMs) })

/** The messages of a room or an account, oldest first (XEP-0313), as Prosody 0.12 keeps them. */
export class MessageArchive {
  readonly #by: string
  readonly #all: Archived[] = []

  /** @param by whose archive it is: a bare JID */
  constructor(by: string) {
    this.#by = by
  }

  get all(): readonly Archived[] {
    return this.#all
  }

  add(archived: Archived): void {
    this.#all.push(archived)
    if (this.#all.length > MOST_KEPT) this.#all.splice(0, this.#all.length - MOST_KEPT)
  }

  find(id: string): Archived | undefined {
    return this.#all.find((each) => each.id === id)
  }

  replace(id: string, stanza: XmlNode): void {
    const at = this.#all.findIndex((each) => each.id === id)
    const before = this.#all[at]
    if (before) this.#all[at] = { ...before, stanza }
  }

  /** As if it had never been there, or been too old. */
  lose(id: string): void {
    const at = this.#all.findIndex((each) => each.id === id)
    if (at !== -1) this.#all.splice(at, 1)
  }

  /** One page: each message by itself, then, as the answer, what the page was. */
  answer(query: XmlNode, peer: Peer): Answer {
    const form = readForm(query)
    const set = child(query, NS_RSM, 'set')
    const words = (name: string): string | undefined => set && childText(set, NS_RSM, name)
    const ms = (name: string, otherwise: number): number => readDateTime(formValue(form, name) ?? '') ?? otherwise
    const other = formValue(form, 'with')
    const all = this.#all.filter(
      (each) =>
        each.stampMs >= ms('start', 0) &&
        each.stampMs <= ms('end', Number.POSITIVE_INFINITY) &&
        (other === undefined || each.with === other),
    )
    const max = Math.min(MOST_AT_ONCE, Number(words('max') ?? MOST_AT_ONCE))
    const [after, before] = [words('after'), words('before')]
    const edge = after ?? (before || undefined)
    const at = edge === undefined ? -1 : all.findIndex(({ id }) => id === edge)
    if (edge !== undefined && at === -1) return refused('item-not-found')
    const backwards = before !== undefined
    const end = backwards && at !== -1 ? at : all.length
    const page = backwards ? all.slice(Math.max(0, end - max), end) : all.slice(at + 1, at + 1 + max)
    const complete = backwards ? end <= max : at + 1 + max >= all.length
    for (const each of page) peer.deliver(this.#result(each, query.attrs['queryid'], peer))
    const [first, last] = [page[0], page.at(-1)]
    const edges = first && last ? [el(NS_RSM, 'first', {}, first.id), el(NS_RSM, 'last', {}, last.id)] : []
    return [el(NS_MAM, 'fin', complete ? { complete: 'true' } : {}, el(NS_RSM, 'set', {}, ...edges))]
  }

  #result({ id, stampMs, stanza }: Archived, queryid: string | undefined, peer: Peer): XmlNode {
    const forwarded = el(NS_FORWARD, 'forwarded', {}, delayEl(stampMs), stanza)
    return stanzaEl('message', { from: this.#by, to: peer.jid }, [el(NS_MAM, 'result', { queryid, id }, forwarded)])
  }

  /** A message of an archive as its owner shows it later: with its id, and when it was. */
  shown({ id, stampMs, stanza }: Archived, to: string): XmlNode {
    return readdressed(stanza, { to }, [...stanza.children, delayEl(stampMs, this.#by), stanzaIdEl(this.#by, id)])
  }
}
