import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** What came of something that was run in a page. */
export type Answer = { readonly value?: unknown } | { readonly error: { readonly message: string } }

/** Where pages post what came of what was run in them: WebDriver itself can wait for one page at a time only. */
export interface Answers extends AsyncDisposable {
  /** The address to which the answer is posted, and the answer when it has come. */
  expect(): { readonly url: string; readonly answer: Promise<Answer>; giveUp(reason: Error): void }
}

export async function hearAnswers(): Promise<Answers> {
  const waiting = new Map<string, (answer: Answer) => void>()
  let last = 0
  const hear = async (request: IncomingMessage): Promise<void> => {
    const path = request.url ?? ''
    const answer: Answer = JSON.parse(await text(request))
    waiting.get(path)?.(answer)
    waiting.delete(path)
  }
  const server = createServer((request, response) => {
    // A page that goes away in the middle of its answer has none.
    hear(request).then(
      () => response.writeHead(204).end(),
      () => response.writeHead(400).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on TCP
  return {
    expect() {
      const path = `/${++last}`
      const { promise, resolve, reject } = withResolvers<Answer>()
      waiting.set(path, resolve)
      const giveUp = (reason: Error): void => {
        waiting.delete(path)
        reject(reason)
      }
      return { url: `http://127.0.0.1:${port}${path}`, answer: promise, giveUp }
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function withResolvers<T>() {
  let resolve: (value: T) => void = () => undefined
  let reject: (reason: Error) => void = () => undefined
  const promise = new Promise<T>((settle, fail) => {
    resolve = settle
    reject = fail
  })
  return { promise, resolve, reject }
}
