import { addressOf, localPart } from '../state/address.ts'
import { useApp, useChat } from './context.ts'

const STEPS: Readonly<Record<string, (at: number, count: number) => number>> = {
  ArrowDown: (at, count) => (at + 1) % count,
  ArrowUp: (at, count) => (at - 1 + count) % count,
  Home: () => 0,
  End: (_, count) => count - 1,
}

/** The arrow keys go from room to room; Tab goes past the list. */
function onKeyDown(event: KeyboardEvent): void {
  const step = STEPS[event.key]
  if (!step || !(event.currentTarget instanceof HTMLElement)) return
  const links = [...event.currentTarget.querySelectorAll('a')]
  const at = links.findIndex((link) => link.matches(':focus'))
  if (at === -1) return
  event.preventDefault()
  links[step(at, links.length)]?.focus()
}

interface RoomLinkProps {
  readonly jid: string
  readonly note?: string | undefined
  readonly unread?: number
  readonly mentioned?: boolean
  /** The one that Tab reaches. */
  readonly reachable: boolean
  readonly onOpen: () => void
}

function RoomLink({ jid, note, unread = 0, mentioned = false, reachable, onOpen }: RoomLinkProps) {
  const current = useChat().open.value === jid
  return (
    <li>
      <a
        class="room-link"
        href={addressOf(jid)}
        title={jid}
        tabIndex={reachable ? 0 : -1}
        aria-current={current ? 'page' : undefined}
        onClick={onOpen}
      >
        <span class="room-name">{localPart(jid)}</span>
        {note !== undefined && <small>{note}</small>}
        {unread > 0 && (
          <span class="badge" data-mention={mentioned}>
            {unread > 99 ? '99+' : unread}
            <span class="unseen">{mentioned ? ' unread, you are named' : ' unread'}</span>
          </span>
        )}
      </a>
    </li>
  )
}

export function RoomList({ onOpen }: { readonly onOpen: () => void }) {
  const chat = useChat()
  const { config } = useApp()
  const here = chat.listed.value
  const elsewhere = chat.elsewhere.value
  const known = [...here.map(({ jid }) => jid), ...elsewhere]
  const suggested = config && !known.includes(config.room) ? config.room : undefined
  const all = suggested === undefined ? known : [...known, suggested]
  const reachable = all.find((jid) => jid === chat.open.value) ?? all[0]
  const link = (jid: string) => ({ key: jid, jid, reachable: jid === reachable, onOpen })
  return (
    <nav class="rooms" aria-label="Rooms" onKeyDown={onKeyDown}>
      <h2>Rooms</h2>
      <ul>
        {here.map(({ jid, present, snapshot, unread, mentioned }) => (
          <RoomLink
            {...link(jid)}
            note={present.value ? undefined : snapshot.value.state === 'joining' ? 'joining …' : 'not joined'}
            unread={unread.value}
            mentioned={mentioned.value}
          />
        ))}
        {elsewhere.map((jid) => (
          <RoomLink {...link(jid)} note="in other tabs" />
        ))}
        {suggested !== undefined && <RoomLink {...link(suggested)} note="suggested" />}
      </ul>
    </nav>
  )
}
