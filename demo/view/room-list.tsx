import { addressOf, localPart } from '../state/address.ts'
import { useApp, useChat } from './context.ts'
import { rove } from './roving.ts'

interface RoomLinkProps {
  readonly jid: string
  readonly title?: string
  readonly note?: string | undefined
  /** The one that Tab reaches. */
  readonly reachable: boolean
  readonly onOpen: () => void
}

function RoomLink({ jid, title = localPart(jid), note, reachable, onOpen }: RoomLinkProps) {
  const chat = useChat()
  const current = chat.open.value === jid
  const { unread = 0, mentions = 0 } = chat.unread.value.get(jid) ?? {}
  const mentioned = mentions > 0
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
        <span class="room-name">{title}</span>
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
    <nav class="rooms" aria-label="Rooms" onKeyDown={(event) => rove(event, 'a')}>
      <h2>Rooms</h2>
      <ul>
        {here.map(({ jid, title, present, snapshot }) => (
          <RoomLink
            {...link(jid)}
            title={title}
            note={present.value ? undefined : snapshot.value.state === 'joining' ? 'joining …' : 'not joined'}
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
