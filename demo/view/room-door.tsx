import type { RoomEvents } from 'minimix-web'
import { localPart } from '../state/address.ts'
import type { RoomModel } from '../state/room-model.ts'
import { useChat } from './context.ts'
import { EntryForm } from './entry-form.tsx'

/** In front of a room that this tab is not in. */
export function RoomDoor({ model }: { readonly model: RoomModel }) {
  const ejection = model.ejection.value
  if (model.snapshot.value.state === 'joining') {
    return (
      <div class="door">
        <p role="status">Going into {localPart(model.jid)} …</p>
      </div>
    )
  }
  return (
    <div class="door">
      {ejection?.how === 'destroyed' ? <Gone model={model} end={ejection} /> : <EntryForm model={model} />}
    </div>
  )
}

function Gone({ model, end }: { readonly model: RoomModel; readonly end: RoomEvents['destroyed'] }) {
  const chat = useChat()
  const { reason, alternate } = end
  return (
    <div class="door-card">
      <h2>{localPart(model.jid)} does not exist any more.</h2>
      {reason !== undefined && <p>{reason}</p>}
      <div class="door-buttons">
        {alternate !== undefined && (
          <button
            type="button"
            class="primary"
            onClick={() => {
              chat.close(model.jid)
              chat.show(alternate)
            }}
          >
            Go to {localPart(alternate)} instead
          </button>
        )}
        <button type="button" onClick={() => chat.close(model.jid)}>
          Close
        </button>
      </div>
    </div>
  )
}
