import { inWords } from '../state/words.ts'
import { useApp, useChat } from './context.ts'

/** What is wrong with the connection, and what to do about one that does not come back by itself. */
export function Banner() {
  const app = useApp()
  const { status, error } = useChat().standing.value
  if (status === 'online') return null
  if (status === 'connecting' || status === 'interrupted')
    return (
      <div class="banner banner-waiting" role="status">
        <p>The connection is interrupted. It comes back by itself; what you write goes out then.</p>
      </div>
    )
  return (
    <div class="banner" role="alert">
      <p>{error ? inWords(error) : 'The connection has ended.'}</p>
      <button type="button" onClick={() => app.detach()}>
        Sign in again
      </button>
    </div>
  )
}
