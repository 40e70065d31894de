import { useAccount, useMessages, useOccupants, useRoom } from 'minimix-web/react'
import { StrictMode, useEffect } from 'react'
import { createRoot } from 'react-dom/client'

const { jid, service, password, room: garden, nick } = Object.fromEntries(new URLSearchParams(location.search))

/** Signs in, enters a room and shows what is said there. The address of the page says who, where and how. */
function Chat() {
  const { account, error } = useAccount({ jid, service, password })
  const { room, state } = useRoom(account, garden, { nick })
  const { messages } = useMessages(room, { limit: 20 })
  const occupants = useOccupants(room)
  useEffect(() => {
    if (state === 'in') account.avatars.url(room).then((picture) => (document.title = picture ?? 'no picture'))
  }, [account, room, state])
  const say = (event) => {
    event.preventDefault()
    room.send(new FormData(event.target).get('body'))
  }
  if (error) throw error
  return (
    <>
      <p>{occupants.map(({ nick }) => nick).join(', ')}</p>
      <ul>
        {messages.map(({ id, body }) => (
          <li key={id}>{body}</li>
        ))}
      </ul>
      <form onSubmit={say}>
        <input aria-label="Message" name="body" disabled={state !== 'in'} />
      </form>
    </>
  )
}

createRoot(document.getElementById('page')).render(
  <StrictMode>
    <Chat />
  </StrictMode>,
)
