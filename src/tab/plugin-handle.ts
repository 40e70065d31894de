import type { Plugin, PluginCalls, PluginEvents } from '../contract/plugin.ts'
import type { Emitter, OnOptions } from './emitter.ts'
import type { Call } from './remote.ts'

/** The calls and events of a plug-in, as a tab has them. */
export interface PluginHandle<Calls extends PluginCalls = PluginCalls, Events extends PluginEvents = PluginEvents> {
  /** @throws MinimixError rejects with what the plug-in threw, `outdated` where the worker has no such call, `timeout`, `worker-gone` */
  call<N extends keyof Calls & string>(
    name: N,
    ...args: Parameters<Calls[N]> extends [] ? [] : [Parameters<Calls[N]>[0]]
  ): Promise<Awaited<ReturnType<Calls[N]>>>
  /** @returns takes the listener off again */
  on<N extends keyof Events & string>(name: N, listener: (detail: Events[N]) => void, options?: OnOptions): () => void
}

/** The handle that tabs have of a plug-in of that type. */
export type HandleOf<P> = P extends Plugin<infer Calls, infer Events> ? PluginHandle<Calls, Events> : never

/** Events of plug-ins, by the names of plug-in and event. */
export type PluginTabEvents = Record<string, unknown>

export const pluginEvent = (plugin: string, name: string): string => `${plugin}\n${name}`

export function pluginHandle(plugin: string, call: Call, events: Emitter<PluginTabEvents>): PluginHandle {
  return {
    call: (method, ...[args]) => call('plugin', { plugin, method, args: args ?? null }),
    on: (name, listener, options) => events.on(pluginEvent(plugin, name), listener, options),
  }
}
