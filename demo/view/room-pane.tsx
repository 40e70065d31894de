import { type Signal, useSignal } from '@preact/signals'
import { domainPart } from '../state/address.ts'
import type { RoomModel } from '../state/room-model.ts'
import { Banner } from './banner.tsx'
import { Composer } from './composer.tsx'
import { ConversationContext, useChat } from './context.ts'
import { fileDrop } from './file-drop.ts'
import { GearIcon, PeopleIcon } from './icons.tsx'
import { Menu, MenuItem } from './menu.tsx'
import { RoomDoor } from './room-door.tsx'
import { RoomSettings } from './room-settings.tsx'
import { SearchButton } from './search-panel.tsx'
import { TimelineView } from './timeline-view.tsx'
import { type Panel, TopBar } from './top-bar.tsx'

export function RoomPane({ model, panel }: { readonly model: RoomModel; readonly panel: Signal<Panel> }) {
  const { subject, occupants } = model.snapshot.value
  const present = model.present.value
  return (
    <section class="pane" {...fileDrop(model, present)}>
      <TopBar
        title={model.title}
        suffix={`@${domainPart(model.jid)}`}
        line={present ? subject.text : undefined}
        panel={panel}
      >
        {present && (
          <>
            <SearchButton panel={panel} />
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
            <RoomMenu model={model} />
          </>
        )}
      </TopBar>
      <Banner />
      {present ? (
        <ConversationContext.Provider value={model}>
          <TimelineView />
          <Composer />
        </ConversationContext.Provider>
      ) : (
        <RoomDoor model={model} />
      )}
    </section>
  )
}

function RoomMenu({ model }: { readonly model: RoomModel }) {
  const chat = useChat()
  const settings = useSignal(false)
  return (
    <>
      <Menu label="Room" icon={<GearIcon />}>
        <MenuItem
          title="Settings of this room"
          text="Your name in it, its subject, and what you want to hear of."
          onChoose={() => {
            settings.value = true
          }}
        />
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
      {settings.value && (
        <RoomSettings
          model={model}
          onClose={() => {
            settings.value = false
          }}
        />
      )}
    </>
  )
}
