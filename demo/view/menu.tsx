import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useRef } from 'preact/hooks'

interface MenuProps {
  readonly label: string
  readonly icon: ComponentChildren
  readonly children: ComponentChildren
}

/** A button that discloses a few choices. Escape, or going elsewhere, closes it. */
export function Menu({ label, icon, children }: MenuProps) {
  const open = useSignal(false)
  const button = useRef<HTMLButtonElement>(null)
  const close = (): void => {
    open.value = false
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || !open.value) return
    event.stopPropagation()
    close()
    button.current?.focus()
  }
  const onFocusOut = ({ currentTarget, relatedTarget }: FocusEvent): void => {
    const inside =
      currentTarget instanceof Node && relatedTarget instanceof Node && currentTarget.contains(relatedTarget)
    if (!inside) close()
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only sees what its button and its choices let through
    <div class="menu" onKeyDown={onKeyDown} onFocusOut={onFocusOut}>
      <button
        type="button"
        class="quiet"
        ref={button}
        aria-label={label}
        title={label}
        aria-expanded={open.value}
        onClick={() => {
          open.value = !open.value
        }}
      >
        {icon}
      </button>
      {open.value && (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the choices are buttons; this hears of their clicks
        // biome-ignore lint/a11y/noStaticElementInteractions: as above
        <div class="menu-choices" onClick={close}>
          {children}
        </div>
      )}
    </div>
  )
}

interface MenuItemProps {
  readonly title: string
  readonly text: string
  readonly onChoose: () => void
}

export function MenuItem({ title, text, onChoose }: MenuItemProps) {
  return (
    <button type="button" class="menu-item" onClick={onChoose}>
      <b>{title}</b>
      <small>{text}</small>
    </button>
  )
}
