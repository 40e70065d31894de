/** @jsxImportSource react */
import { useAccount, useMessages, useOccupants, useRoom, useUnread } from 'minimix-web/react'
import type { FormEvent } from 'react'

export function Chat({ jid, password }: { jid: string; password: string }) {
  const { account, status, error, retry } = useAccount({ jid, password })
  const { room, state, subject, outbox } = useRoom(account, 'garden@rooms.capulet.example', { nick: 'Juliet' })
  const { messages, loadOlder, atStart, loading } = useMessages(room, { limit: 50 })
  const occupants = useOccupants(room)
  const { unread } = useUnread(account)

  const say = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    room?.send(String(new FormData(event.currentTarget).get('body'))).catch(console.error)
    event.currentTarget.reset()
  }

  if (error)
    return (
      <button type="button" onClick={retry}>
        {error.code}: try again
      </button>
    )
  return (
    <main>
      <h1>
        {subject.text} ({status}, {state}, {unread} unread)
      </h1>
      <p>{occupants.map(({ nick }) => nick).join(', ')}</p>
      <button type="button" disabled={atStart || loading} onClick={loadOlder}>
        older
      </button>
      <ol>
        {[...messages, ...outbox].map(({ id, originId, own, nick, body }) => (
          <li key={(own && originId) || id}>
            {nick}: {body}
          </li>
        ))}
      </ol>
      <form onSubmit={say}>
        <input name="body" disabled={state !== 'in'} />
      </form>
    </main>
  )
}
