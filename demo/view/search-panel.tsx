import type { Signal } from '@preact/signals'
import type { Message } from 'minimix-web'
import { useEffect, useId, useRef } from 'preact/hooks'
import { dayOf, timeOf } from '../state/moments.ts'
import { useChat } from './context.ts'
import { CloseIcon, SearchIcon } from './icons.tsx'
import { rove } from './roving.ts'
import { Check } from './settings-dialog.tsx'
import type { Panel } from './top-bar.tsx'
import { useDrawer } from './use-drawer.ts'

export function SearchButton({ panel }: { readonly panel: Signal<Panel> }) {
  const isOpen = panel.value === 'search'
  return (
    <button
      type="button"
      class="quiet"
      aria-label="Search"
      title="Search"
      aria-expanded={isOpen}
      onClick={() => {
        panel.value = isOpen ? 'none' : 'search'
      }}
    >
      <SearchIcon />
    </button>
  )
}

interface SearchPanelProps {
  readonly onClose: () => void
  /** Somebody goes to a message. */
  readonly onChosen: () => void
}

/** Looks for messages by their words, and goes to the one that is chosen. */
export function SearchPanel({ onClose, onChosen }: SearchPanelProps) {
  const chat = useChat()
  const { search, open } = chat
  const { text, here, found, trouble } = search
  const drawer = useDrawer<HTMLElement>(true)
  const field = useRef<HTMLInputElement>(null)
  const id = useId()
  useEffect(() => field.current?.focus(), [])
  const look = (): void => search.look(here.value ? open.value : undefined)
  return (
    <aside class="people drawer search" ref={drawer} tabIndex={-1} data-shown="true" aria-label="Search">
      <header>
        <h2>Search</h2>
        <button type="button" class="quiet" aria-label="Close the search" onClick={onClose}>
          <CloseIcon />
        </button>
      </header>
      <div class="field">
        <label for={id}>Words, or how they begin</label>
        <input
          id={id}
          ref={field}
          type="search"
          autocomplete="off"
          value={text.value}
          onInput={({ currentTarget }) => {
            text.value = currentTarget.value
            look()
          }}
        />
      </div>
      {open.value !== undefined && (
        <Check
          label={`Only in ${chat.titleOf(open.value)}`}
          checked={here.value}
          onChange={(checked) => {
            here.value = checked
            look()
          }}
        />
      )}
      <p class="fine-print" role="status">
        {trouble.value ?? countInWords(found.value)}
      </p>
      <ul class="hits" onKeyDown={(event) => rove(event, 'button')}>
        {found.value?.map((message, at) => (
          <Hit key={message.id} message={message} reachable={at === 0} onChosen={onChosen} />
        ))}
      </ul>
    </aside>
  )
}

function countInWords(found: readonly Message[] | undefined): string {
  if (!found) return 'What this browser has is searched.'
  if (found.length === 0) return 'Nothing found.'
  return found.length === 1 ? '1 message.' : `${found.length} messages, the newest first.`
}

interface HitProps {
  readonly message: Message
  readonly reachable: boolean
  readonly onChosen: () => void
}

function Hit({ message, reachable, onChosen }: HitProps) {
  const chat = useChat()
  const choose = (): void => {
    onChosen()
    void chat.showMessage(message)
  }
  const { room, nick, own, body, stampMs } = message
  return (
    <li>
      <button type="button" class="hit" tabIndex={reachable ? 0 : -1} onClick={choose}>
        <small>
          {own ? 'You' : chat.senderIn(room, nick)} in {chat.titleOf(room)}, {dayOf(stampMs, Date.now())},{' '}
          {timeOf(stampMs)}
        </small>
        <span dir="auto">{body}</span>
      </button>
    </li>
  )
}
