import { useApp } from './context.ts'
import { CloseIcon } from './icons.tsx'

export function Toasts() {
  const { toasts } = useApp()
  return (
    <div class="toasts" role="alert">
      {toasts.shown.value.map(({ key, text }) => (
        <p key={key} class="toast">
          <span>{text}</span>
          <button type="button" class="quiet" aria-label="Dismiss" onClick={() => toasts.dismiss(key)}>
            <CloseIcon />
          </button>
        </p>
      ))}
    </div>
  )
}
