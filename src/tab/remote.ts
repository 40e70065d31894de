import type { CallName, Calls } from '../contract/api.ts'
import { type ErrorCode, failure, MinimixError } from '../contract/errors.ts'
import type { Link } from './link.ts'

/** Until a call without a time of its own has failed. */
export const CALL_MS = 20_000

export interface CallOptions {
  readonly timeoutMs?: number
  readonly signal?: AbortSignal | undefined
}

/** Calls the worker of the link that its maker has. */
export type Call = <N extends CallName>(
  name: N,
  args: Calls[N]['args'],
  options?: CallOptions,
) => Promise<Calls[N]['value']>

/**
 * One call to the worker. It always ends: with the answer once the events before it have been handled, with its
 * deadline, with the caller's signal, or with the worker's death.
 *
 * @throws MinimixError `timeout`, `aborted`, `worker-gone`, and whatever the call itself can fail with
 */
export async function callBroker<N extends CallName>(
  link: Link,
  name: N,
  args: Calls[N]['args'],
  { timeoutMs = CALL_MS, signal }: CallOptions = {},
): Promise<Calls[N]['value']> {
  const attachment = link.attachment
  const gone = (text: string): MinimixError =>
    link.error ? new MinimixError(link.error) : error('worker-gone', `${name}: ${text}`)
  if (!attachment?.welcome) throw gone('there is no worker at the moment')
  const over = new AbortController()
  const failed = new Promise<never>((_, reject) => {
    const listen = (at: AbortSignal, why: () => MinimixError): void => {
      const fail = (): void => reject(why())
      if (at.aborted) fail()
      else at.addEventListener('abort', fail, { signal: over.signal })
    }
    listen(attachment.ended, () => gone('the worker died before it answered'))
    if (signal) listen(signal, () => error('aborted', `${name}: aborted by the caller`))
    const timer = setTimeout(() => reject(error('timeout', `${name}: no answer within ${timeoutMs} ms`)), timeoutMs)
    over.signal.addEventListener('abort', () => clearTimeout(timer))
  })
  const answered = async (): Promise<Calls[N]['value']> => {
    const reply = await attachment.api.call(name, args)
    await attachment.reached(reply.afterSeq)
    if (reply.ok) return reply.value
    throw new MinimixError(reply.error)
  }
  try {
    return await Promise.race([answered(), failed])
  } finally {
    over.abort()
  }
}

function error(code: ErrorCode, message: string): MinimixError {
  return new MinimixError(failure(code, message))
}
