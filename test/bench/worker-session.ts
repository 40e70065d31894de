import type { BrowserContext, CDPSession } from 'playwright-core'

interface Answer {
  readonly id?: number
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

/** What the browser's own tools can ask of the SharedWorker of a profile. */
export interface WorkerSession extends AsyncDisposable {
  send(method: string, params?: object): Promise<unknown>
  /** Megabytes that are in use once all that can be let go of is. */
  heapMb(): Promise<number>
}

/** @param profile has one worker */
export async function workerSession(profile: BrowserContext): Promise<WorkerSession> {
  const browser = profile.browser()
  if (!browser) throw new Error('no browser')
  const session = await browser.newBrowserCDPSession()
  const targetId = await workerOf(session, profile)
  // Playwright offers no session for a worker's target: its words go through that of the browser.
  const { sessionId } = await session.send('Target.attachToTarget', { targetId, flatten: false })
  const waiting = new Map<number, (answer: Answer) => void>()
  session.on('Target.receivedMessageFromTarget', ({ message }) => {
    const answer: Answer = JSON.parse(message)
    if (answer.id !== undefined) waiting.get(answer.id)?.(answer)
  })
  let lastId = 0
  const send = (method: string, params: object = {}): Promise<unknown> => {
    const id = ++lastId
    return new Promise((resolve, reject) => {
      waiting.set(id, ({ result, error }) => {
        waiting.delete(id)
        if (error) reject(new Error(`${method}: ${error.message}`))
        else resolve(result)
      })
      const message = JSON.stringify({ id, method, params })
      session.send('Target.sendMessageToTarget', { sessionId, message }).catch(reject)
    })
  }
  return {
    send,
    async heapMb() {
      // What the first one ends may hold what only the next one can let go of.
      for (let n = 0; n < 3; n++) await send('HeapProfiler.collectGarbage')
      const { usedSize } = (await send('Runtime.getHeapUsage')) as { readonly usedSize: number } // as CDP says
      return usedSize / 2 ** 20
    },
    [Symbol.asyncDispose]: () => session.detach(),
  }
}

async function workerOf(session: CDPSession, profile: BrowserContext): Promise<string> {
  const [page] = profile.pages()
  if (!page) throw new Error('a profile without a tab')
  const mine = await profile.newCDPSession(page)
  const { targetInfo } = await mine.send('Target.getTargetInfo')
  await mine.detach()
  const { targetInfos } = await session.send('Target.getTargets')
  const worker = targetInfos.find(
    ({ type, browserContextId }) => type === 'shared_worker' && browserContextId === targetInfo.browserContextId,
  )
  if (!worker) throw new Error('no worker')
  return worker.targetId
}
