import type { Plugin, PluginCalls, PluginEvents } from '../contract/plugin.ts'
import { Emitter, type OnOptions } from './emitter.ts'
import type { Call } from './remote.ts'

/** The calls and events of a plug-in, as a tab has them. */
export interface PluginHandle<Calls extends PluginCalls = PluginCalls, Events extends PluginEvents = PluginEvents> {
  /** @throws MinimixError rejects with what the plug-in threw, `outdated` where the worker has no such call, `timeout`, `worker-gone` */
  call<N extends keyof Calls & string>(
    name: N,
    ...args: Parameters<Calls[N]> extends [] ? [] : [Parameters<Calls[N]>[0]]
  ): Promise<Awaited<ReturnType<Calls[N]>>>
  /**
   * What came before anybody listened the first listener is told behind this call: the last 100 of that name.
   *
   * @returns takes the listener off again
   */
  on<N extends keyof Events & string>(name: N, listener: (detail: Events[N]) => void, options?: OnOptions): () => void
}

/** The handle that tabs have of a plug-in of that type. */
export type HandleOf<P> = P extends Plugin<infer Calls, infer Events> ? PluginHandle<Calls, Events> : never

/** What waits for a listener, of each name. */
const MOST_WAITING = 100

/** Events of plug-ins: a tab is told what there is when it comes, and can listen only once it is there. */
export class PluginEars {
  readonly #emitter = new Emitter<Record<string, unknown>>()
  /** By name; no list any more where somebody has listened. */
  readonly #waiting = new Map<string, unknown[] | undefined>()

  on(plugin: string, name: string, listener: (detail: never) => void, options?: OnOptions): () => void {
    const key = keyOf(plugin, name)
    const off = this.#emitter.on(key, listener as (detail: unknown) => void, options) // as whoever names the type says
    if (options?.signal?.aborted) return off
    const waiting = this.#waiting.get(key) ?? []
    this.#waiting.set(key, undefined)
    queueMicrotask(() => {
      for (const detail of waiting) this.#emitter.emit(key, detail)
    })
    return off
  }

  hear(plugin: string, name: string, detail: unknown): void {
    const key = keyOf(plugin, name)
    const waiting = this.#waiting.has(key) ? this.#waiting.get(key) : []
    if (!waiting) return this.#emitter.emit(key, detail)
    this.#waiting.set(key, [...waiting.slice(1 - MOST_WAITING), detail])
  }
}

const keyOf = (plugin: string, name: string): string => `${plugin}\n${name}`

export function pluginHandle(plugin: string, call: Call, ears: PluginEars): PluginHandle {
  return {
    call: (method, ...[args]) => call('plugin', { plugin, method, args: args ?? null }),
    on: (name, listener, options) => ears.on(plugin, name, listener, options),
  }
}
