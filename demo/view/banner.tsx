import { inWords } from '../state/words.ts'
import { useApp, useChat } from './context.ts'

/** What to do about a connection that does not come back by itself. */
export function Banner() {
  const app = useApp()
  const { status, error } = useChat().standing.value
  if (status !== 'offline' && status !== 'refused') return null
  return (
    <div class="banner" role="alert">
      <p>{error ? inWords(error) : 'The connection has ended.'}</p>
      <button type="button" onClick={() => app.detach()}>
        Sign in again
      </button>
    </div>
  )
}
