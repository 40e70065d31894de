import { readReplace } from './xep-0308-correct.ts'
import { isOwnRetraction, readRetraction } from './xep-0424-retract.ts'
import { isModeration } from './xep-0425-moderate.ts'
import { readReactions } from './xep-0444-reactions.ts'
import type { XmlNode } from './xml.ts'

/** What a message does to an earlier one, in place of saying something of its own. */
export interface Amendment {
  readonly kind: 'correction' | 'retraction' | 'moderation' | 'reaction'
  /** Of a correction the id that the sender gave the earlier message, else its archive id. */
  readonly target: string
  /** Of a reaction: all of that person's. */
  readonly emojis?: readonly string[]
}

/** @param byRoom the room itself sent it: nobody else can moderate */
export function readAmendment(message: XmlNode, byRoom: boolean): Amendment | undefined {
  const retraction = readRetraction(message)
  if (retraction) {
    const { id: target } = retraction
    if (isModeration(retraction)) return byRoom ? { kind: 'moderation', target } : undefined
    return !byRoom && isOwnRetraction(retraction) ? { kind: 'retraction', target } : undefined
  }
  const reactions = readReactions(message)
  if (reactions) {
    const { id: target, emojis } = reactions
    return byRoom ? undefined : { kind: 'reaction', target, emojis }
  }
  const target = readReplace(message)
  return target === undefined || byRoom ? undefined : { kind: 'correction', target }
}
