import type { SharedMessage } from '../contract/api.ts'
import type { ChatMark } from '../rooms/effects.ts'

/** A message of ours with what became of it; `undefined` where that says nothing new. */
export function marked(message: SharedMessage, mark: ChatMark): SharedMessage | undefined {
  const { state, displayed } = message
  if (mark.is === 'failed') return state === 'sent' ? { ...message, state: 'failed', error: mark.error } : undefined
  if (mark.is === 'displayed') return displayed ? undefined : { ...message, state: 'delivered', displayed: true }
  return state === 'sent' ? { ...message, state: 'delivered' } : undefined
}
