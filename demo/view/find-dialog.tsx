import type { FoundRoom } from 'minimix-web'
import { useEffect, useId, useMemo } from 'preact/hooks'
import { localPart, usualNick } from '../state/address.ts'
import { Finder } from '../state/finder.ts'
import { useChat } from './context.ts'
import { Dialog } from './dialog.tsx'
import { rove } from './roving.ts'

/** The rooms of the own server, to go into one of them. */
export function FindDialog({ onClose }: { readonly onClose: () => void }) {
  const chat = useChat()
  const finder = useMemo(() => new Finder(chat.account, usualNick(chat.account.jid)), [])
  const { text, rooms, hasMore, trouble } = finder
  const id = useId()
  useEffect(() => void finder.look(), [])
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    void finder.look()
  }
  const enter = ({ room }: FoundRoom): void => {
    onClose()
    chat.show(room)
    void chat.join(room)
  }
  return (
    <Dialog title="Rooms to find" onClose={onClose}>
      <form class="field" onSubmit={submit}>
        <label for={id}>Words in their names</label>
        <div class="joined">
          <input
            id={id}
            type="search"
            autocomplete="off"
            value={text.value}
            onInput={({ currentTarget }) => {
              text.value = currentTarget.value
            }}
          />
          <button type="submit">Find</button>
        </div>
      </form>
      <p class="fine-print" role="status">
        {trouble.value ?? countInWords(rooms.value)}
      </p>
      <ul class="hits" onKeyDown={(event) => rove(event, 'button')}>
        {rooms.value?.map((room, at) => (
          <li key={room.room}>
            <button type="button" class="hit" tabIndex={at === 0 ? 0 : -1} onClick={() => enter(room)}>
              <b>{room.name ?? localPart(room.room)}</b>
              <small>{aboutInWords(room)}</small>
            </button>
          </li>
        ))}
      </ul>
      {hasMore.value && (
        <div class="dialog-buttons">
          <button type="button" onClick={() => finder.more()}>
            More
          </button>
        </div>
      )}
    </Dialog>
  )
}

function countInWords(rooms: readonly FoundRoom[] | undefined): string {
  if (!rooms) return 'Asking the server …'
  if (rooms.length === 0) return 'No room is found.'
  return rooms.length === 1 ? '1 room.' : `${rooms.length} rooms.`
}

function aboutInWords({ room, description, occupants }: FoundRoom): string {
  const people = occupants === undefined ? undefined : occupants === 1 ? '1 person' : `${occupants} people`
  return [description, people, room].filter((part) => part !== undefined && part !== '').join(' · ')
}
