import type { Broadcast } from '../../../src/broker/ports.ts'

/** One who speaks and listens there. */
export interface FakeBroadcast extends Broadcast {
  /** It is frozen, hangs or is dead: nothing that is said reaches it any more, and nothing that it says is heard. */
  silence(): void
}

/** A broadcast of one name, heard by as many as are asked for. */
export interface BroadcastHub {
  member(): FakeBroadcast
  /** All that was said, oldest first. */
  readonly said: readonly unknown[]
}

/** What one says all others hear who listen by then, as a copy, later, and in its order. */
export function broadcastHub(): BroadcastHub {
  const said: unknown[] = []
  const listeners = new Map<FakeBroadcast, (message: unknown) => void>()
  return {
    said,
    member() {
      let silent = false
      const self: FakeBroadcast = {
        post(message) {
          if (silent) return
          said.push(message)
          const copy = structuredClone(message)
          queueMicrotask(() => {
            for (const [member, hear] of listeners) if (member !== self) hear(copy)
          })
        },
        listen: (onMessage) => void listeners.set(self, (message) => silent || onMessage(message)),
        silence() {
          silent = true
        },
      }
      return self
    },
  }
}
