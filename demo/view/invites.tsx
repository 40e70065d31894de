import { localPart } from '../state/address.ts'
import { useChat } from './context.ts'

/** Rooms into which somebody asks us. */
export function Invites() {
  const chat = useChat()
  const invites = chat.invites.value
  if (invites.length === 0) return null
  return (
    <section class="invites" aria-label="Invitations">
      <h2>Invitations</h2>
      <ul>
        {invites.map((invite) => (
          <li key={invite.room} class="invite">
            <p>
              {invite.from === undefined ? 'Somebody' : localPart(invite.from)} asks you into{' '}
              <b>{localPart(invite.room)}</b>
              {invite.reason !== undefined && `: ${invite.reason}`}
            </p>
            <div class="door-buttons">
              <button type="button" class="primary" onClick={() => chat.accept(invite)}>
                Go in
              </button>
              <button type="button" onClick={() => chat.decline(invite)}>
                Decline
              </button>
            </div>
          </li>
        ))}
      </ul>
    </section>
  )
}
