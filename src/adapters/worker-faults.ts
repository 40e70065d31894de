/** An exception that nobody caught, or a promise whose failure nobody heard. */
export interface Fault {
  /** One line. */
  readonly message: string
  /** With where it comes from, as far as that is known. */
  readonly details: string
}

/** Hears of what goes wrong in a worker and would else be seen by nobody: what it prints, its tabs cannot read. */
export function hearFaults(scope: EventTarget, onFault: (fault: Fault) => void): void {
  scope.addEventListener('error', (event) => onFault(exception(event)))
  scope.addEventListener('unhandledrejection', (event) => onFault(rejection(event)))
}

/** @param event an ErrorEvent; an Event alone where a browser says no more */
function exception(event: Event): Fault {
  const { message, filename, lineno, colno, error } = event as Partial<ErrorEvent>
  // Browsers put words of their own before the message of an exception.
  const words = error === undefined || error === null ? message || 'an error without words' : wordsOf(error)
  return { message: words, details: stackOf(error) ?? (filename ? `${words} (${filename}:${lineno}:${colno})` : words) }
}

function rejection(event: Event): Fault {
  const { reason } = event as Partial<PromiseRejectionEvent>
  const message = `a promise was rejected: ${wordsOf(reason)}`
  const stack = stackOf(reason)
  return { message, details: stack === undefined ? message : `a promise was rejected: ${stack}` }
}

/** Anything can be thrown, also what cannot be made a text. */
function wordsOf(thrown: unknown): string {
  try {
    return String(thrown)
  } catch {
    return typeof thrown
  }
}

/** Chromium's begins with the message, that of others is the places alone. */
function stackOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !thrown.stack) return undefined
  const words = wordsOf(thrown)
  return thrown.stack.startsWith(words) ? thrown.stack : `${words}\n${thrown.stack}`
}
