import { afterEach, beforeEach, vi } from 'vitest'
import { webSocketUpstream } from '../../src/adapters/websocket-upstream.ts'
import type { Bound, Credentials, FastToken, Stream, StreamEnd } from '../../src/broker/ports.ts'
import {
  installWebSocket,
  type ScriptedServer,
  type ScriptedServerOptions,
  scriptedServer,
} from '../support/fakes/scripted-server.ts'
import { deferred } from '../support/fakes/turn.ts'

/** The address of the first server as one of another machine. */
export const FAR_AWAY = 'wss://capulet.example/'

/** Servers that say what a test wants, and the upstream in front of them; all of it ends with the test. */
export function scriptedStage() {
  const servers: ScriptedServer[] = []
  const streams: Stream[] = []
  let takeAway = (): void => undefined

  beforeEach(() => {
    takeAway = installWebSocket((url) => url.replace(FAR_AWAY, servers[0]?.url ?? url))
  })
  afterEach(async () => {
    vi.useRealTimers()
    for (const stream of streams.splice(0)) stream.close()
    await Promise.all(servers.splice(0).map((server) => server.close()))
    takeAway()
  })

  async function serve(options?: ScriptedServerOptions): Promise<ScriptedServer> {
    const server = await scriptedServer(options)
    servers.push(server)
    return server
  }

  /** Connects to all servers in their order, unless `words` say otherwise. */
  function connect(words: Partial<Credentials> = {}) {
    const heard: string[] = []
    const tokens: (FastToken | undefined)[] = []
    const online = deferred<Bound>()
    const over = deferred<StreamEnd>()
    const upstream = webSocketUpstream()
    const credentials = {
      account: 'juliet@localhost',
      service: servers.map(({ url }) => url),
      password: 'secret',
      allowPlain: false,
      ...words,
    }
    const stream = upstream.connect(credentials, {
      onOnline: online.resolve,
      onStanza: (node) => heard.push(node.name),
      onToken: (token) => tokens.push(token),
      onEnd: over.resolve,
    })
    streams.push(stream)
    const signedIn = online.promise.then(({ fullJid }) => fullJid)
    return { stream, upstream, bound: online.promise, signedIn, ended: over.promise, heard, tokens }
  }

  return { serve, connect }
}
