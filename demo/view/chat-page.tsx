import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { localPart } from '../state/address.ts'
import type { Chat } from '../state/chat.ts'
import { ChatContext } from './context.ts'
import { HomePane } from './home-pane.tsx'
import { People } from './people.tsx'
import { PersonPane } from './person-pane.tsx'
import { RoomPane } from './room-pane.tsx'
import { SearchPanel } from './search-panel.tsx'
import { Sidebar } from './sidebar.tsx'
import type { Panel } from './top-bar.tsx'
import { useMedia } from './use-media.ts'

/** From here on nothing is a drawer: see layout.css. */
const ALL_IN_VIEW = '(width >= 68rem)'

/** The chat of a signed-in tab. On narrow screens the panels beside the conversation are drawers. */
export function ChatPage({ chat }: { readonly chat: Chat }) {
  const panel = useSignal<Panel>('none')
  const main = useRef<HTMLElement>(null)
  const { front } = chat
  const close = (): void => {
    panel.value = 'none'
  }
  const unread = [...chat.unread.value.values()].reduce((sum, counts) => sum + counts.unread, 0)
  const title = front ? front.title : localPart(chat.account.jid)
  const wide = useMedia(ALL_IN_VIEW)
  const isCovered = panel.value !== 'none' && !wide
  useEffect(() => {
    document.title = `${unread > 0 ? `(${unread}) ` : ''}${title} · Minimix`
  }, [unread, title])
  useEffect(close, [front])
  useEffect(close, [wide])
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && panel.value !== 'none') close()
  }
  return (
    <ChatContext.Provider value={chat}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: Escape closes a drawer wherever the focus is in the page */}
      <div class="chat" data-panel={panel.value} onKeyDown={onKeyDown}>
        <button type="button" class="skip" onClick={() => main.current?.focus()}>
          Skip to the conversation
        </button>
        <Sidebar shown={panel.value === 'rooms'} onClose={close} />
        <main ref={main} tabIndex={-1} inert={isCovered}>
          {front?.kind === 'room' && <RoomPane key={front.jid} model={front} panel={panel} />}
          {front?.kind === 'person' && <PersonPane key={front.jid} model={front} panel={panel} />}
          {!front && <HomePane panel={panel} />}
        </main>
        {panel.value === 'search' && <SearchPanel onClose={close} onChosen={() => isCovered && close()} />}
        {panel.value !== 'search' && front?.kind === 'room' && front.present.value && (
          <People model={front} shown={panel.value === 'people'} onClose={close} />
        )}
        {isCovered && <div class="backdrop" onClick={close} aria-hidden="true" />}
        <p class="unseen" aria-live="polite">
          {chat.heard.value}
        </p>
      </div>
    </ChatContext.Provider>
  )
}
