import { failure, MinimixError } from '../contract/errors.ts'

/**
 * A part of the page in a file of its own. A deploy may have taken the file away: then the call that needs it fails, and
 * the next one asks for it again: in Firefox and Safari in vain until the page is loaded anew, since they keep the failure.
 *
 * @param file its name beside the SDK
 * @throws MinimixError rejects with `worker-error`
 */
export function late<T>(file: string, loading: Promise<T>): Promise<T> {
  return loading.catch((error: unknown) => {
    throw new MinimixError(failure('worker-error', `${file} could not be loaded: ${String(error)}`))
  })
}
