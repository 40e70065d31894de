import type { Occupant } from 'minimix-web'
import { localPart } from '../state/address.ts'
import { peopleByRole, SHOW_WORDS } from '../state/people.ts'
import type { RoomModel } from '../state/room-model.ts'
import { Avatar } from './avatar.tsx'
import { CloseIcon } from './icons.tsx'
import { useDrawer } from './use-drawer.ts'

interface PeopleProps {
  readonly model: RoomModel
  /** As a drawer, where there is no room for it. */
  readonly shown: boolean
  readonly onClose: () => void
}

export function People({ model, shown, onClose }: PeopleProps) {
  const { occupants } = model.snapshot.value
  const drawer = useDrawer<HTMLElement>(shown)
  return (
    <aside class="people drawer" ref={drawer} tabIndex={-1} data-shown={shown} aria-label="People">
      <header>
        <h2>
          People <span class="count">{occupants.size}</span>
        </h2>
        <button type="button" class="quiet only-drawer" aria-label="Close" onClick={onClose}>
          <CloseIcon />
        </button>
      </header>
      {peopleByRole(occupants).map(({ title, people }) => (
        <section key={title} aria-label={`${title} in ${localPart(model.jid)}`}>
          <h3>{title}</h3>
          <ul>
            {people.map((occupant) => (
              <Person key={occupant.nick} occupant={occupant} />
            ))}
          </ul>
        </section>
      ))}
    </aside>
  )
}

function Person({ occupant }: { readonly occupant: Occupant }) {
  const { nick, show, status, own, ownAccount } = occupant
  const words = SHOW_WORDS[show]
  return (
    <li class="person">
      <span class="person-face" data-show={show} title={words}>
        <Avatar nick={nick} />
      </span>
      <span class="person-text">
        <span class="person-name">
          <bdi>{nick}</bdi>
          {own && <small class="tag">you</small>}
          {!own && ownAccount && <small class="tag">you, elsewhere</small>}
        </span>
        {(show !== 'online' || status !== undefined) && <small>{status ?? words}</small>}
      </span>
    </li>
  )
}
