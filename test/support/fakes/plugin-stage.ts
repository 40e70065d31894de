import { failure, MinimixError } from '../../../src/contract/errors.ts'
import type { Plugin, PluginCalls, PluginParts, PluginWorker } from '../../../src/contract/plugin.ts'
import type { XmlNode } from '../../../src/protocol/xml.ts'
import { ACCOUNT } from './room-xml.ts'
import { stanza, writeXml } from './xml.ts'

export interface Asked {
  readonly to: string | undefined
  readonly payload: string
  readonly anew: boolean
}

/** What a request is answered with: what the result holds, as XML, or a condition. */
export type Answers = (asked: Asked) => string | { readonly error: string } | Promise<string>

export interface PluginStage<Calls extends PluginCalls> {
  readonly parts: PluginParts<Calls>
  readonly asked: readonly Asked[]
  /** What it sent besides requests, as XML. */
  readonly sent: readonly string[]
  /** The names of events with what they carry, and the tab where it was one. */
  readonly told: readonly (readonly unknown[])[]
  readonly logged: readonly string[]
  readonly world: { online: boolean; readonly isIn: Set<string> }
}

/** A plug-in by itself, with a server that answers as the test says. */
export function pluginStage<Calls extends PluginCalls>(
  plugin: Pick<Plugin<Calls>, 'start'>,
  answers: Answers,
): PluginStage<Calls> {
  const asked: Asked[] = []
  const sent: string[] = []
  const told: unknown[][] = []
  const logged: string[] = []
  const world = { online: true, isIn: new Set<string>() }
  const kept = new Map<string, unknown>()
  let ids = 0
  const worker: PluginWorker = {
    account: ACCOUNT,
    get online() {
      return world.online
    },
    versionsRosters: false,
    isRoom: () => false,
    present: () => undefined,
    nowMs: () => 0,
    newId: () => `id-${++ids}`,
    after: () => () => undefined,
    send: (node) => void sent.push(writeXml(node)),
    async request({ to, payload, anew = false }): Promise<XmlNode> {
      const question = { to, payload: writeXml(payload), anew }
      asked.push(question)
      const answer = await answers(question)
      if (typeof answer === 'string') return stanza(`<iq type='result'>${answer}</iq>`)
      const { error: condition } = answer
      throw new MinimixError(failure('stanza-error', condition, { condition }))
    },
    say: () => Promise.reject(new Error('nothing is said here')),
    tell: (...event) => void told.push(event.filter((part) => part !== undefined)),
    log: (_level, text) => void logged.push(text),
    isIn: (room) => world.isIn.has(room),
    setBookmark: async () => undefined,
    kept: {
      get: async (key) => kept.get(key),
      all: async () => kept,
      set: async (key, value) => void kept.set(key, value),
    },
  }
  return { parts: plugin.start(worker), asked, sent, told, logged, world }
}
