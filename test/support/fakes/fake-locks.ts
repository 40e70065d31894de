interface Request {
  readonly agent: object
  readonly mode: LockMode
  readonly granted: () => void
  readonly stolen: () => void
}

interface Named {
  readonly holders: Set<Request>
  readonly queue: Request[]
}

/** One page or worker, as far as locks go. */
export interface LockAgent {
  /** What this agent finds as `navigator.locks`. */
  readonly manager: LockManager
  /** What it holds falls free, what it waits for is forgotten, and none of its promises settles any more. */
  die(): void
}

/** The Web Locks of one origin, shared by as many agents as are asked for. */
export interface LockTable {
  agent(): LockAgent
  /** Somebody holds the lock of that name. */
  isHeld(name: string): boolean
}

/** The part of Web Locks that the SDK uses: exclusive and shared, first come first served, stolen, given back by death. */
export function lockTable(): LockTable {
  const names = new Map<string, Named>()

  const named = (name: string): Named => {
    const found = names.get(name) ?? { holders: new Set(), queue: [] }
    names.set(name, found)
    return found
  }

  const grantWhatIsDue = ({ holders, queue }: Named): void => {
    for (let next = queue[0]; next; next = queue[0]) {
      const free = holders.size === 0 || (next.mode === 'shared' && [...holders].every(({ mode }) => mode === 'shared'))
      if (!free) return
      queue.shift()
      holders.add(next)
      queueMicrotask(next.granted)
    }
  }

  const agent = (): LockAgent => {
    const self = {}
    let alive = true

    const request = <T>(
      name: string,
      { mode = 'exclusive', signal, ifAvailable = false, steal = false }: LockOptions,
      run: LockGrantedCallback<T>,
    ) =>
      new Promise<Awaited<T>>((resolve, reject) => {
        const lock = named(name)
        const end = (): void => {
          lock.holders.delete(wanted)
          grantWhatIsDue(lock)
        }
        const onAbort = (): void => {
          const at = lock.queue.indexOf(wanted)
          if (at === -1) return
          lock.queue.splice(at, 1)
          reject(signal?.reason)
          grantWhatIsDue(lock)
        }
        const granted = async (): Promise<void> => {
          if (!alive) return
          signal?.removeEventListener('abort', onAbort)
          try {
            const result = await run({ name, mode })
            if (!alive) return
            end()
            resolve(result)
          } catch (error) {
            end()
            reject(error)
          }
        }
        const stolen = (): void => {
          if (alive) reject(new DOMException('the lock was stolen', 'AbortError'))
        }
        const wanted: Request = { agent: self, mode, granted: () => void granted(), stolen }
        if (signal?.aborted) {
          reject(signal.reason)
          return
        }
        signal?.addEventListener('abort', onAbort)
        if (steal) {
          const robbed = [...lock.holders]
          lock.holders.clear()
          lock.queue.unshift(wanted)
          for (const holder of robbed) queueMicrotask(holder.stolen)
        } else lock.queue.push(wanted)
        grantWhatIsDue(lock)
        if (!ifAvailable || lock.holders.has(wanted)) return
        lock.queue.splice(lock.queue.indexOf(wanted), 1)
        queueMicrotask(async () => alive && resolve(await run(null)))
      })

    // The overloads of `request` cannot be written as one arrow function; it takes its options out or in.
    const manager = {
      request: <T>(name: string, options: LockOptions | LockGrantedCallback<T>, run?: LockGrantedCallback<T>) =>
        typeof options === 'function' ? request(name, {}, options) : run && request(name, options, run),
      query: async (): Promise<LockManagerSnapshot> => ({
        held: [...names].flatMap(([name, { holders }]) => [...holders].map(({ mode }) => ({ name, mode }))),
        pending: [...names].flatMap(([name, { queue }]) => queue.map(({ mode }) => ({ name, mode }))),
      }),
    } as unknown as LockManager

    return {
      manager,
      die() {
        alive = false
        for (const lock of names.values()) {
          lock.queue.splice(0, lock.queue.length, ...lock.queue.filter((wanted) => wanted.agent !== self))
          for (const holder of lock.holders) if (holder.agent === self) lock.holders.delete(holder)
          grantWhatIsDue(lock)
        }
      },
    }
  }

  return { agent, isHeld: (name) => (names.get(name)?.holders.size ?? 0) > 0 }
}
