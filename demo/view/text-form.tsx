import { useSignal } from '@preact/signals'
import { useId } from 'preact/hooks'

interface TextFormProps {
  readonly label: string
  readonly value: string
  readonly button: string
  readonly required?: boolean
  readonly onSubmit: (text: string) => void
}

/** One line of text, with the button that makes it so. */
export function TextForm({ label, value, button, required = false, onSubmit }: TextFormProps) {
  const text = useSignal(value)
  const id = useId()
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    onSubmit(text.value.trim())
  }
  return (
    <form class="field" onSubmit={submit}>
      <label for={id}>{label}</label>
      <div class="joined">
        <input
          id={id}
          autocomplete="off"
          required={required}
          value={text.value}
          onInput={({ currentTarget }) => {
            text.value = currentTarget.value
          }}
        />
        <button type="submit">{button}</button>
      </div>
    </form>
  )
}
