import type { Signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { STATUS_WORDS } from '../state/words.ts'
import { useChat } from './context.ts'
import { MenuIcon } from './icons.tsx'

/** Which panel was asked for: a drawer, where there is no room for it beside the conversation. */
export type Panel = 'none' | 'rooms' | 'people' | 'search'

interface TopBarProps {
  readonly title: string
  /** Muted, behind the title. */
  readonly suffix?: string
  readonly line?: string | undefined
  readonly panel: Signal<Panel>
  readonly children?: ComponentChildren
}

export function TopBar({ title, suffix, line, panel, children }: TopBarProps) {
  return (
    <header class="top-bar">
      <button
        type="button"
        class="quiet only-narrow"
        aria-label="Rooms and account"
        aria-expanded={panel.value === 'rooms'}
        onClick={() => {
          panel.value = 'rooms'
        }}
      >
        <MenuIcon />
      </button>
      <div class="top-bar-text">
        <h1>
          {title}
          {suffix !== undefined && <small>{suffix}</small>}
        </h1>
        {line !== undefined && line !== '' && (
          <p class="subject" title={line}>
            {line}
          </p>
        )}
      </div>
      <StatusPill />
      {children}
    </header>
  )
}

function StatusPill() {
  const { status } = useChat().standing.value
  return (
    <span class="status" data-status={status} role="status">
      {STATUS_WORDS[status]}
    </span>
  )
}
