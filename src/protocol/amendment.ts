import { readReplace } from './xep-0308-correct.ts'
import { isOwnRetraction, readRetraction } from './xep-0424-retract.ts'
import { isModeration } from './xep-0425-moderate.ts'
import type { XmlNode } from './xml.ts'

/** What a message does to an earlier one, in place of saying something of its own. */
export interface Amendment {
  readonly kind: 'correction' | 'retraction' | 'moderation'
  /** Of a correction the id that the sender gave the earlier message, else its archive id. */
  readonly target: string
}

/** @param byRoom the room itself sent it: nobody else can moderate */
export function readAmendment(message: XmlNode, byRoom: boolean): Amendment | undefined {
  const retraction = readRetraction(message)
  if (retraction) {
    const { id: target } = retraction
    if (isModeration(retraction)) return byRoom ? { kind: 'moderation', target } : undefined
    return !byRoom && isOwnRetraction(retraction) ? { kind: 'retraction', target } : undefined
  }
  const target = readReplace(message)
  return target === undefined || byRoom ? undefined : { kind: 'correction', target }
}
