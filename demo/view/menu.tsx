import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { rove } from './roving.ts'

interface MenuProps {
  readonly label: string
  readonly icon: ComponentChildren
  readonly children: ComponentChildren
  readonly class?: string
  /** In a grid, so many stand beside each other. */
  readonly columns?: number
  readonly onOpen?: (open: boolean) => void
}

const GAP_PX = 6
const EDGE_PX = 8

/** A button that discloses a few choices. Escape, or going elsewhere, closes it; the arrow keys go through them. */
export function Menu({ label, icon, children, class: looks = '', columns = 1, onOpen }: MenuProps) {
  const open = useSignal(false)
  const button = useRef<HTMLButtonElement>(null)
  const choices = useRef<HTMLDivElement>(null)
  const turn = (to: boolean): void => {
    if (open.value === to) return
    open.value = to
    onOpen?.(to)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || !open.value) return
    event.stopPropagation()
    event.preventDefault()
    turn(false)
    button.current?.focus()
  }
  const onFocusOut = ({ currentTarget, relatedTarget }: FocusEvent): void => {
    const inside =
      currentTarget instanceof Node && relatedTarget instanceof Node && currentTarget.contains(relatedTarget)
    if (!inside) turn(false)
  }
  const choose = ({ target }: Event): void => {
    if (!(target instanceof Element) || !target.closest('button')) return
    // Where the choice does not take the focus elsewhere, it goes back.
    button.current?.focus()
    turn(false)
  }
  useLayoutEffect(() => {
    const [from, box] = [button.current, choices.current]
    if (!open.value || !from || !box) return undefined
    const end = new AbortController()
    const toPlace = (): void => place(box, from)
    box.showPopover()
    toPlace()
    box.querySelector<HTMLElement>('button, select')?.focus()
    addEventListener('scroll', toPlace, { capture: true, passive: true, signal: end.signal })
    addEventListener('resize', toPlace, { signal: end.signal })
    return () => end.abort()
  }, [open.value])
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
        onClick={() => turn(!open.value)}
      >
        {icon}
      </button>
      {open.value && (
        // biome-ignore lint/a11y/noStaticElementInteractions: the choices are buttons; this hears of their clicks
        <div
          class={`menu-choices ${looks}`}
          ref={choices}
          popover="manual"
          onClick={choose}
          onKeyDown={(event) => rove(event, 'button, select', { columns })}
        >
          {children}
        </div>
      )}
    </div>
  )
}

/** Below the button, or above where there is no room, and never beyond the edges. */
function place(box: HTMLElement, from: HTMLElement): void {
  const { right, top, bottom } = from.getBoundingClientRect()
  const { offsetWidth: width, offsetHeight: height } = box
  const left = Math.min(Math.max(right - width, EDGE_PX), innerWidth - width - EDGE_PX)
  const below = bottom + GAP_PX
  const fits = below + height <= innerHeight - EDGE_PX
  box.style.left = `${left}px`
  box.style.top = `${fits ? below : Math.max(EDGE_PX, top - GAP_PX - height)}px`
}

interface MenuItemProps {
  readonly title: string
  readonly text?: string
  readonly onChoose: () => void
}

export function MenuItem({ title, text, onChoose }: MenuItemProps) {
  return (
    <button type="button" class="menu-item" onClick={onChoose}>
      <b>{title}</b>
      {text !== undefined && <small>{text}</small>}
    </button>
  )
}
