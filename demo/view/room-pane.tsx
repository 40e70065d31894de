import type { Signal } from '@preact/signals'
import { domainPart, localPart } from '../state/address.ts'
import type { RoomModel } from '../state/room-model.ts'
import { Banner } from './banner.tsx'
import { Composer } from './composer.tsx'
import { useChat } from './context.ts'
import { LeaveIcon, PeopleIcon } from './icons.tsx'
import { Menu, MenuItem } from './menu.tsx'
import { RoomDoor } from './room-door.tsx'
import { TimelineView } from './timeline-view.tsx'
import { type Panel, TopBar } from './top-bar.tsx'

export function RoomPane({ model, panel }: { readonly model: RoomModel; readonly panel: Signal<Panel> }) {
  const chat = useChat()
  const { subject, occupants } = model.snapshot.value
  const present = model.present.value
  return (
    <section class="pane">
      <TopBar
        title={localPart(model.jid)}
        suffix={`@${domainPart(model.jid)}`}
        line={present ? subject.text : undefined}
        panel={panel}
      >
        {present && (
          <>
            <button
              type="button"
              class="quiet people-button"
              aria-label={`People: ${occupants.size}`}
              aria-expanded={panel.value === 'people'}
              onClick={() => {
                panel.value = 'people'
              }}
            >
              <PeopleIcon />
              {occupants.size}
            </button>
            <Menu label="Leave" icon={<LeaveIcon />}>
              <MenuItem
                title="Leave in this tab"
                text="Other tabs stay in. The room notices nothing while one of them is."
                onChoose={() => chat.leave(model, false)}
              />
              <MenuItem
                title="Leave everywhere"
                text="Every tab goes out, and the room sees you leave."
                onChoose={() => chat.leave(model, true)}
              />
            </Menu>
          </>
        )}
      </TopBar>
      <Banner />
      {present ? (
        <>
          <TimelineView model={model} />
          <Composer model={model} />
        </>
      ) : (
        <RoomDoor model={model} />
      )}
    </section>
  )
}
