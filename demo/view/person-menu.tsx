import type { Occupant } from 'minimix-web'
import type { RoomModel } from '../state/room-model.ts'
import { useChat } from './context.ts'
import { MoreIcon } from './icons.tsx'
import { Menu, MenuItem } from './menu.tsx'

interface PersonMenuProps {
  readonly model: RoomModel
  readonly occupant: Occupant
  /** A choice is open: the button is to stay. */
  readonly onHold: (held: boolean) => void
}

/** What can be done about somebody in a room, as far as we may (XEP-0045 section 5). */
export function PersonMenu({ model, occupant, onHold }: PersonMenuProps) {
  const chat = useChat()
  const { nick, role, affiliation, jid } = occupant
  const { self } = model.snapshot.value
  const isAdmin = self?.affiliation === 'admin' || self?.affiliation === 'owner'
  // Moderators cannot touch those above them.
  const isBelow = affiliation === 'none' || affiliation === 'member' || self?.affiliation === 'owner'
  const moderates = self?.role === 'moderator' && isBelow
  const mention = (): void => {
    model.draft.value = `${model.draft.value === '' ? `${nick}: ` : `${model.draft.value} ${nick} `}`
  }
  return (
    <Menu label={`About ${nick}`} icon={<MoreIcon />} onOpen={onHold}>
      <MenuItem title="Mention" onChoose={mention} />
      {jid !== undefined && (
        <MenuItem title="Write to them alone" onChoose={() => chat.showPerson(jid.split('/', 1)[0] ?? jid)} />
      )}
      {moderates && role === 'visitor' && (
        <MenuItem title="Let them speak" onChoose={() => model.setRole(occupant, 'participant')} />
      )}
      {moderates && role === 'participant' && (
        <MenuItem title="Let them only listen" onChoose={() => model.setRole(occupant, 'visitor')} />
      )}
      {isAdmin && role !== 'moderator' && (
        <MenuItem title="Make a moderator" onChoose={() => model.setRole(occupant, 'moderator')} />
      )}
      {isAdmin && jid !== undefined && affiliation === 'none' && (
        <MenuItem title="Make a member" onChoose={() => model.setAffiliation(occupant, 'member')} />
      )}
      {moderates && (
        <MenuItem title="Send out" text="They may come back." onChoose={() => model.setRole(occupant, 'none')} />
      )}
      {isAdmin && isBelow && jid !== undefined && (
        <MenuItem
          title="Ban"
          text="They may not come back."
          onChoose={() => model.setAffiliation(occupant, 'outcast')}
        />
      )}
    </Menu>
  )
}
