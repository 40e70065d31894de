import { useSignal } from '@preact/signals'
import { useId } from 'preact/hooks'
import { addressOfPerson, domainPart } from '../state/address.ts'
import type { Acquaintance } from '../state/contacts.ts'
import { inWords } from '../state/words.ts'
import { Avatar } from './avatar.tsx'
import { useApp, useChat } from './context.ts'
import { Dialog } from './dialog.tsx'
import { PlusIcon } from './icons.tsx'
import { rove } from './roving.ts'
import { Check } from './settings-dialog.tsx'

/** Those with whom one talks alone. */
export function PeopleList({ onOpen }: { readonly onOpen: () => void }) {
  const chat = useChat()
  const people = chat.contacts.all.value
  const asking = useSignal(false)
  const close = (): void => {
    asking.value = false
  }
  const reachable = people.find(({ jid }) => jid === chat.open.value) ?? people[0]
  return (
    <nav class="rooms" aria-label="Direct talks" onKeyDown={(event) => rove(event, 'a')}>
      <header>
        <h2>Direct talks</h2>
        <button
          type="button"
          class="quiet"
          aria-label="Write to somebody"
          title="Write to somebody"
          onClick={() => {
            asking.value = true
          }}
        >
          <PlusIcon />
        </button>
      </header>
      <Requests />
      <ul>
        {people.map((person) => (
          <PersonLink key={person.jid} person={person} reachable={person === reachable} onOpen={onOpen} />
        ))}
      </ul>
      {asking.value && <WriteDialog onClose={close} onOpen={onOpen} />}
    </nav>
  )
}

interface PersonLinkProps {
  readonly person: Acquaintance
  readonly reachable: boolean
  readonly onOpen: () => void
}

function PersonLink({ person: { jid, name, show }, reachable, onOpen }: PersonLinkProps) {
  const chat = useChat()
  const current = chat.open.value === jid
  const unread = chat.unread.value.get(jid)?.unread ?? 0
  return (
    <li>
      <a
        class="room-link"
        href={addressOfPerson(jid)}
        title={jid}
        tabIndex={reachable ? 0 : -1}
        aria-current={current ? 'page' : undefined}
        onClick={onOpen}
      >
        <span class="person-face" data-show={show ?? 'unknown'}>
          <Avatar nick={name} owner={{ jid }} />
        </span>
        <span class="person-called">{name}</span>
        {show === 'offline' && <span class="unseen"> is not there</span>}
        {unread > 0 && (
          <span class="badge" data-mention="true">
            {unread > 99 ? '99+' : unread}
            <span class="unseen"> unread</span>
          </span>
        )}
      </a>
    </li>
  )
}

/** Those who want to see whether we are there. */
function Requests() {
  const { contacts } = useChat()
  const { toasts } = useApp()
  const attempt = (done: Promise<void>): void => void done.catch((error: unknown) => toasts.show(inWords(error)))
  const requests = [...contacts.roster.value.requests.values()]
  return (
    <>
      {requests.map(({ jid, nick }) => (
        <div key={jid} class="invite">
          <p>
            <b>{nick ?? jid}</b> wants to see when you are there.
          </p>
          <div class="door-buttons">
            <button type="button" class="primary" onClick={() => attempt(contacts.approve(jid))}>
              Allow
            </button>
            <button type="button" onClick={() => attempt(contacts.deny(jid))}>
              Refuse
            </button>
          </div>
        </div>
      ))}
    </>
  )
}

interface WriteDialogProps {
  readonly onClose: () => void
  readonly onOpen: () => void
}

function WriteDialog({ onClose, onOpen }: WriteDialogProps) {
  const chat = useChat()
  const { toasts } = useApp()
  const address = useSignal('')
  const add = useSignal(true)
  const trouble = useSignal<string | undefined>(undefined)
  const id = useId()
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    const typed = address.value.trim()
    const jid = typed.includes('@') ? typed : `${typed}@${domainPart(chat.account.jid)}`
    try {
      chat.showPerson(jid)
      if (add.value) chat.contacts.add(jid).catch((error: unknown) => toasts.show(inWords(error)))
      onClose()
      onOpen()
    } catch (error) {
      trouble.value = inWords(error)
    }
  }
  return (
    <Dialog title="Write to somebody" onClose={onClose}>
      <form class="dialog-form" onSubmit={submit}>
        {trouble.value !== undefined && (
          <p class="notice notice-bad" role="alert">
            {trouble.value}
          </p>
        )}
        <div class="field">
          <label for={id}>Their address</label>
          <input
            id={id}
            required
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            placeholder="name@server"
            value={address.value}
            onInput={({ currentTarget }) => {
              address.value = currentTarget.value
            }}
          />
        </div>
        <Check
          label="Ask to see when they are there"
          checked={add.value}
          onChange={(checked) => {
            add.value = checked
          }}
        />
        <div class="dialog-buttons">
          <button type="submit" class="primary">
            Write
          </button>
        </div>
      </form>
    </Dialog>
  )
}
