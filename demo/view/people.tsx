import { useSignal } from '@preact/signals'
import type { Occupant } from 'minimix-web'
import { localPart } from '../state/address.ts'
import { peopleByRole, SHOW_WORDS } from '../state/people.ts'
import type { RoomModel } from '../state/room-model.ts'
import { Avatar } from './avatar.tsx'
import { CloseIcon } from './icons.tsx'
import { PersonMenu } from './person-menu.tsx'
import { rove } from './roving.ts'
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
  const groups = peopleByRole(occupants)
  const reached = useSignal<string | undefined>(undefined)
  const first = groups[0]?.people[0]?.nick
  const reachable = reached.value !== undefined && occupants.has(reached.value) ? reached.value : first
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
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it hears the keys of the people in it */}
      <div class="people-groups" onKeyDown={(event) => rove(event, '.person')}>
        {groups.map(({ title, people }) => (
          <section key={title} aria-label={`${title} in ${localPart(model.jid)}`}>
            <h3>{title}</h3>
            <ul>
              {people.map((occupant) => (
                <Person
                  key={occupant.nick}
                  model={model}
                  occupant={occupant}
                  reachable={occupant.nick === reachable}
                  onReach={() => {
                    reached.value = occupant.nick
                  }}
                />
              ))}
            </ul>
          </section>
        ))}
      </div>
    </aside>
  )
}

interface PersonProps {
  readonly model: RoomModel
  readonly occupant: Occupant
  /** The one that Tab reaches; from there it goes to what can be done about them. */
  readonly reachable: boolean
  readonly onReach: () => void
}

function Person({ model, occupant, reachable, onReach }: PersonProps) {
  const { nick, show, status, own, ownAccount, affiliation } = occupant
  const words = SHOW_WORDS[show]
  const near = useSignal(false)
  const held = useSignal(false)
  return (
    <li
      class="person"
      tabIndex={reachable ? 0 : -1}
      aria-label={`${nick}, ${words}`}
      onFocusIn={onReach}
      onPointerEnter={() => {
        near.value = true
      }}
      onPointerLeave={() => {
        near.value = false
      }}
    >
      <span class="person-face" data-show={show} title={words}>
        <Avatar nick={nick} owner={occupant} />
      </span>
      <span class="person-text">
        <span class="person-name">
          <bdi>{nick}</bdi>
          {own && <small class="tag">you</small>}
          {!own && ownAccount && <small class="tag">you, elsewhere</small>}
          {affiliation !== 'none' && <small class="tag tag-quiet">{affiliation}</small>}
        </span>
        {(show !== 'online' || status !== undefined) && <small>{status ?? words}</small>}
      </span>
      {!own && (reachable || near.value || held.value) && (
        <PersonMenu
          model={model}
          occupant={occupant}
          onHold={(is) => {
            held.value = is
          }}
        />
      )}
    </li>
  )
}
