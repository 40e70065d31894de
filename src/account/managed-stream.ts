import { nextCount, stepsBetween } from '../protocol/xep-0198-stream-management.ts'
import type { InlineUse } from '../protocol/xep-0386-bind2.ts'
import type { XmlNode } from '../protocol/xml.ts'

/** A session that both sides count, so that it can outlive its connection (XEP-0198). Changed in place, by its owner. */
export interface ManagedStream {
  /** By which the server knows the session; `undefined` where it cannot be resumed. */
  readonly id: string | undefined
  readonly fullJid: string
  /** By which SASL mechanism it was signed in, where that is known. */
  readonly mechanism?: string | undefined
  /** What its server does within the sign-in, where that was used. */
  readonly inline?: InlineUse | undefined
  /** Stanzas of the server that were taken in, modulo 2^32. */
  taken: number
  /** How many of ours the server said it has handled, modulo 2^32. */
  handled: number
  /** What it has not said that of, oldest first. */
  unhandled: XmlNode[]
  /** Read from the store: until it goes on the worker before may have sent more than it could write down. */
  restored: boolean
}

/** What is written down of it. */
export interface StreamRow {
  readonly id: string
  readonly fullJid: string
  readonly mechanism?: string | undefined
  readonly inline?: InlineUse | undefined
  readonly taken: number
  readonly handled: number
  readonly unhandled: readonly XmlNode[]
}

export function beginManaged(
  id: string | undefined,
  fullJid: string,
  mechanism?: string,
  inline?: InlineUse,
): ManagedStream {
  return { id, fullJid, mechanism, inline, taken: 0, handled: 0, unhandled: [], restored: false }
}

export function restoreManaged({ unhandled, ...row }: StreamRow): ManagedStream {
  return { ...row, unhandled: [...unhandled], restored: true }
}

/** `undefined`: it could not be resumed, so there is nothing to write down. */
export function rowOf({ restored: _, id, unhandled, ...row }: ManagedStream): StreamRow | undefined {
  return id === undefined ? undefined : { id, ...row, unhandled: [...unhandled] }
}

export function stanzaSent(stream: ManagedStream, stanza: XmlNode): void {
  stream.unhandled.push(stanza)
}

export function stanzaTaken(stream: ManagedStream): void {
  stream.taken = nextCount(stream.taken)
}

/** The server has handled so many of ours. @returns false where that is more than were sent */
export function stanzasHandled(stream: ManagedStream, h: number): boolean {
  const more = stepsBetween(stream.handled, h)
  if (more > stream.unhandled.length && !stream.restored) return false
  stream.handled = h
  stream.unhandled.splice(0, more)
  stream.restored = false
  return true
}
