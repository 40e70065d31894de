import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'

/** What is shown only when somebody wants to see it (XEP-0382). */
export function Spoiler({ hint, children }: { readonly hint: string; readonly children: ComponentChildren }) {
  const open = useSignal(false)
  if (open.value) return <>{children}</>
  return (
    <button
      type="button"
      class="link"
      onClick={() => {
        open.value = true
      }}
    >
      {hint === '' ? 'Show what is hidden here' : `Hidden: ${hint}. Show it`}
    </button>
  )
}
