import { useSignal } from '@preact/signals'
import { usualNick } from '../state/address.ts'
import { Avatar } from './avatar.tsx'
import { useApp, useChat } from './context.ts'
import { FiguresCard } from './figures-card.tsx'
import { MoreIcon } from './icons.tsx'
import { Invites } from './invites.tsx'
import { JoinForm } from './join-form.tsx'
import { Menu, MenuItem } from './menu.tsx'
import { PeopleList } from './people-list.tsx'
import { RoomList } from './room-list.tsx'
import { SettingsDialog } from './settings-dialog.tsx'
import { ThemeSwitch } from './theme-switch.tsx'
import { useDrawer } from './use-drawer.ts'

interface SidebarProps {
  /** As a drawer, where there is no room for it. */
  readonly shown: boolean
  readonly onClose: () => void
}

export function Sidebar({ shown, onClose }: SidebarProps) {
  const { account } = useChat()
  const app = useApp()
  const settings = useSignal(false)
  const drawer = useDrawer<HTMLDivElement>(shown)
  return (
    <div class="sidebar drawer" ref={drawer} tabIndex={-1} data-shown={shown}>
      <header class="me">
        <Avatar nick={usualNick(account.jid)} owner={{ jid: account.jid }} />
        <span class="me-name">
          <b>{usualNick(account.jid)}</b>
          <small>{account.jid}</small>
        </span>
        <ThemeSwitch theme={app.theme} />
        <Menu label="Account" icon={<MoreIcon />}>
          <MenuItem
            title="Settings"
            onChoose={() => {
              settings.value = true
            }}
          />
          <MenuItem
            title="Detach this tab"
            text="Other tabs stay signed in. The rooms notice nothing."
            onChoose={() => app.detach()}
          />
          <MenuItem
            title="Sign out everywhere"
            text="Every tab leaves its rooms, and the connection ends."
            onChoose={() => app.signOut(false)}
          />
          <MenuItem
            title="Sign out and forget"
            text="And this browser keeps nothing of what was said."
            onChoose={() => app.signOut(true)}
          />
        </Menu>
      </header>
      <Invites />
      <RoomList onOpen={onClose} />
      <PeopleList onOpen={onClose} />
      <JoinForm onJoined={onClose} />
      <FiguresCard />
      {settings.value && (
        <SettingsDialog
          onClose={() => {
            settings.value = false
          }}
        />
      )}
    </div>
  )
}
