// What every filling of `Locks` promises, as plain functions that need nothing but what they are given: so the same suite
// runs here over fake locks and in a browser over real ones. There, an agent is for instance a frame of the same origin,
//
//   const frame = document.body.appendChild(document.createElement('iframe'))
//   return { locks: webLocks(frame.contentWindow.navigator.locks), die: () => frame.remove() }
//
// and a page that imports this file (bundled as the tests' other pages are) runs
//
//   for (const { name, run } of LOCKS_CONTRACT) await run(newAgent, assert).then(() => say(name), fail)
//
// where `newAgent` makes such a frame and `assert` throws.
import type { Locks } from '../../src/broker/ports.ts'

/** One page or worker, with its way to the locks of the origin. */
export interface Agent {
  readonly locks: Locks
  /** Its end, without a word. */
  die(): void
}

/** Throws where what must hold does not. */
export type Assert = (holds: boolean, what: string) => void

export interface LocksCase {
  readonly name: string
  run(newAgent: () => Agent, assert: Assert): Promise<void>
}

let names = 0
/** A name that no other case has, and that no earlier run in the same origin has left behind. */
const newName = (): string => `minimix:contract:${Date.now()}:${++names}`

/** Whether a promise has settled by now: locks are granted over several tasks, so it is given some, and no time. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  let done = false
  const note = (): void => {
    done = true
  }
  promise.then(note, note)
  for (let i = 0; i < 20 && !done; i++) await hop()
  return done
}

/** A task of the event loop, by way of a message: the only one that Node and browsers have in common and do not delay. */
function hop(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(null)
  })
}

/** Some tasks of the event loop, until it holds: what is told of a theft comes when it comes. */
async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 100 && !holds(); i++) await hop()
}

const outcomeOf = (promise: Promise<unknown>): Promise<'resolved' | 'rejected'> =>
  promise.then(
    () => 'resolved',
    () => 'rejected',
  )

/** What is not stolen must not be said to be. */
const never = (assert: Assert) => (): void => assert(false, 'it was told that the lock was stolen')

const forever = (): AbortSignal => new AbortController().signal

export const LOCKS_CONTRACT: readonly LocksCase[] = [
  {
    name: 'a lock that nobody holds is ours at once',
    async run(newAgent, assert) {
      const held = newAgent().locks.hold(newName())

      assert(typeof (await held) === 'function', 'the way to let go of it was not given')
    },
  },
  {
    name: 'a lock has one holder at a time',
    async run(newAgent, assert) {
      const name = newName()
      const letGo = await newAgent().locks.hold(name)
      const second = newAgent().locks.hold(name)
      assert(!(await settled(second)), 'two held it')

      letGo()

      await second
    },
  },
  {
    name: 'a lock is not its own second holder’s, even in one agent',
    async run(newAgent, assert) {
      const name = newName()
      const { locks } = newAgent()
      const letGo = await locks.hold(name)
      const second = locks.hold(name)
      assert(!(await settled(second)), 'one agent held it twice')

      letGo()

      await second
    },
  },
  {
    name: 'locks of other names are other locks',
    async run(newAgent, assert) {
      const { locks } = newAgent()
      await locks.hold(newName())

      assert(await settled(locks.hold(newName())), 'another name was not free')
    },
  },
  {
    name: 'who asks first holds first',
    async run(newAgent, assert) {
      const name = newName()
      const letGo = await newAgent().locks.hold(name)
      const order: number[] = []
      const waiting = [1, 2, 3].map(async (n) => {
        const done = await newAgent().locks.hold(name)
        order.push(n)
        done()
      })
      await hop()

      letGo()
      await Promise.all(waiting)

      assert(order.join() === '1,2,3', `the order was ${order.join()}`)
    },
  },
  {
    name: 'to let go twice does no harm to the next holder',
    async run(newAgent, assert) {
      const name = newName()
      const letGo = await newAgent().locks.hold(name)
      letGo()
      await newAgent().locks.hold(name)

      letGo()

      assert(!(await settled(newAgent().locks.hold(name))), 'the second holder lost it')
    },
  },
  {
    name: 'a lock falls free with the death of its holder',
    async run(newAgent) {
      const name = newName()
      const holder = newAgent()
      await holder.locks.hold(name)
      const next = newAgent().locks.hold(name)

      holder.die()

      await next
    },
  },
  {
    name: 'who dies while waiting is passed over',
    async run(newAgent) {
      const name = newName()
      const letGo = await newAgent().locks.hold(name)
      const waiting = newAgent()
      void waiting.locks.hold(name)
      const next = newAgent().locks.hold(name)
      await hop()

      waiting.die()
      letGo()

      await next
    },
  },
  {
    name: 'whenFree resolves at once where nobody holds the lock',
    async run(newAgent) {
      await newAgent().locks.whenFree(newName(), forever())
    },
  },
  {
    name: 'whenFree waits while the lock is held, and resolves when it is let go of',
    async run(newAgent, assert) {
      const name = newName()
      const letGo = await newAgent().locks.hold(name)
      const free = newAgent().locks.whenFree(name, forever())
      assert(!(await settled(free)), 'it resolved while the lock was held')

      letGo()

      await free
    },
  },
  {
    name: 'whenFree resolves for everybody who waits when the holder dies',
    async run(newAgent, assert) {
      const name = newName()
      const holder = newAgent()
      await holder.locks.hold(name)
      const watchers = Array.from({ length: 5 }, () => newAgent().locks.whenFree(name, forever()))
      assert(!(await settled(Promise.race(watchers))), 'it resolved while the lock was held')

      holder.die()

      await Promise.all(watchers)
    },
  },
  {
    name: 'whenFree takes the lock from nobody: it can be held behind it',
    async run(newAgent) {
      const name = newName()
      const holder = newAgent()
      await holder.locks.hold(name)
      const free = newAgent().locks.whenFree(name, forever())
      const next = newAgent().locks.hold(name)

      holder.die()

      await free
      await next
    },
  },
  {
    name: 'whenFree rejects when it is aborted, and holds up nobody then',
    async run(newAgent, assert) {
      const name = newName()
      const letGo = await newAgent().locks.hold(name)
      const ending = new AbortController()
      const free = newAgent().locks.whenFree(name, ending.signal)
      const next = newAgent().locks.hold(name)
      await hop()

      ending.abort()

      assert((await outcomeOf(free)) === 'rejected', 'it resolved')
      letGo()
      await next
    },
  },
  {
    name: 'whenFree rejects at once where it was aborted before',
    async run(newAgent, assert) {
      const name = newName()
      await newAgent().locks.hold(name)

      const free = newAgent().locks.whenFree(name, AbortSignal.abort())

      assert((await outcomeOf(free)) === 'rejected', 'it resolved')
    },
  },
  {
    name: 'an abort after whenFree has resolved does nothing',
    async run(newAgent) {
      const ending = new AbortController()
      await newAgent().locks.whenFree(newName(), ending.signal)

      ending.abort()

      await hop()
    },
  },
  {
    name: 'who is aborted while waiting rejects, and is passed over',
    async run(newAgent, assert) {
      const name = newName()
      const letGo = await newAgent().locks.hold(name)
      const ending = new AbortController()
      const waiting = outcomeOf(newAgent().locks.hold(name, ending.signal))
      const next = newAgent().locks.hold(name)
      await hop()

      ending.abort()

      assert((await waiting) === 'rejected', 'it was held')
      letGo()
      await next
    },
  },
  {
    name: 'hold rejects at once where it was aborted before, and holds nothing',
    async run(newAgent, assert) {
      const name = newName()

      assert((await outcomeOf(newAgent().locks.hold(name, AbortSignal.abort()))) === 'rejected', 'it was held')

      await newAgent().locks.hold(name)
    },
  },
  {
    name: 'an abort after a lock is held does not let go of it',
    async run(newAgent, assert) {
      const name = newName()
      const ending = new AbortController()
      const letGo = await newAgent().locks.hold(name, ending.signal)

      ending.abort()

      const next = newAgent().locks.hold(name)
      assert(!(await settled(next)), 'it was let go of')
      letGo()
      await next
    },
  },
  {
    name: 'holdIfFree holds a lock that nobody has, until it is let go of',
    async run(newAgent, assert) {
      const name = newName()
      const letGo = await newAgent().locks.holdIfFree(name, never(assert))
      const next = newAgent().locks.hold(name)
      assert(!(await settled(next)), 'it was not held')

      letGo?.()

      await next
    },
  },
  {
    name: 'holdIfFree gives nothing where somebody has the lock, and does not wait for it',
    async run(newAgent, assert) {
      const name = newName()
      const letGo = await newAgent().locks.hold(name)

      assert((await newAgent().locks.holdIfFree(name, never(assert))) === undefined, 'two held it')

      letGo()
      await newAgent().locks.hold(name)
    },
  },
  {
    name: 'holdIfFree gives nothing where this agent itself has the lock',
    async run(newAgent, assert) {
      const name = newName()
      const { locks } = newAgent()
      await locks.holdIfFree(name, never(assert))

      assert((await locks.holdIfFree(name, never(assert))) === undefined, 'one agent held it twice')
    },
  },
  {
    name: 'what is held if free falls free with the death of its holder',
    async run(newAgent, assert) {
      const name = newName()
      const holder = newAgent()
      await holder.locks.holdIfFree(name, never(assert))
      const next = newAgent().locks.hold(name)

      holder.die()

      await next
    },
  },
  {
    name: 'steal takes a lock from whoever has it, who is told once',
    async run(newAgent, assert) {
      const name = newName()
      let told = 0
      await newAgent().locks.holdIfFree(name, () => {
        told += 1
      })

      const letGo = await newAgent().locks.steal(name, never(assert))
      await until(() => told > 0)
      const next = newAgent().locks.hold(name)

      assert(!(await settled(next)), 'it was taken, and not held')
      assert(told === 1, `the robbed one was told ${told} times`)
      letGo()
      await next
    },
  },
  {
    name: 'who stole a lock is told when it is stolen again',
    async run(newAgent, assert) {
      const name = newName()
      let told = 0
      await newAgent().locks.steal(name, () => {
        told += 1
      })

      await newAgent().locks.steal(name, never(assert))
      await until(() => told > 0)

      assert(told === 1, `it was told ${told} times`)
    },
  },
  {
    name: 'steal takes a lock before whoever waits for it, and they go on waiting',
    async run(newAgent, assert) {
      const name = newName()
      await newAgent().locks.hold(name)
      const waiting = newAgent().locks.hold(name)
      await hop()

      const letGo = await newAgent().locks.steal(name, never(assert))

      assert(!(await settled(waiting)), 'two held it')
      letGo()
      await waiting
    },
  },
  {
    name: 'steal takes a lock that nobody has, too',
    async run(newAgent, assert) {
      const name = newName()
      await newAgent().locks.steal(name, never(assert))

      assert(!(await settled(newAgent().locks.hold(name))), 'it was not held')
    },
  },
  {
    name: 'whoever lets go of a lock that was stolen takes it from nobody',
    async run(newAgent, assert) {
      const name = newName()
      const letGo = await newAgent().locks.holdIfFree(name, () => undefined)
      await newAgent().locks.steal(name, never(assert))

      letGo?.()

      assert(!(await settled(newAgent().locks.hold(name))), 'the thief lost it')
    },
  },
  {
    name: 'who has let go of a lock is not told that it is stolen from the next one',
    async run(newAgent, assert) {
      const name = newName()
      const letGo = await newAgent().locks.holdIfFree(name, never(assert))
      letGo?.()
      await newAgent().locks.hold(name)

      await newAgent().locks.steal(name, never(assert))

      await settled(newAgent().locks.hold(name))
    },
  },
  {
    name: 'whenFree waits for who stole the lock, not for who had it',
    async run(newAgent, assert) {
      const name = newName()
      await newAgent().locks.hold(name)
      const free = newAgent().locks.whenFree(name, forever())
      const letGo = await newAgent().locks.steal(name, never(assert))
      assert(!(await settled(free)), 'it resolved while the lock was held')

      letGo()

      await free
    },
  },
]
