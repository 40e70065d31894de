import { useSignal } from '@preact/signals'
import type { RoomPreset } from 'minimix-web'
import { useId, useMemo } from 'preact/hooks'
import { usualNick } from '../state/address.ts'
import { Finder } from '../state/finder.ts'
import { inWords } from '../state/words.ts'
import { useChat } from './context.ts'
import { Dialog } from './dialog.tsx'
import { Choice } from './settings-dialog.tsx'

/** Makes a room, and goes in. */
export function MakeDialog({ onClose }: { readonly onClose: () => void }) {
  const chat = useChat()
  const finder = useMemo(() => new Finder(chat.account, usualNick(chat.account.jid)), [])
  const name = useSignal('')
  const preset = useSignal<RoomPreset>('public-channel')
  const busy = useSignal(false)
  const trouble = useSignal<string | undefined>(undefined)
  const id = useId()
  const make = async (): Promise<void> => {
    busy.value = true
    trouble.value = undefined
    try {
      const jid = await finder.make({ name: name.value.trim(), preset: preset.value })
      onClose()
      chat.show(jid)
    } catch (error) {
      trouble.value = inWords(error)
    } finally {
      busy.value = false
    }
  }
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    void make()
  }
  const choice = (value: RoomPreset, label: string) => (
    <Choice
      name="preset"
      label={label}
      checked={preset.value === value}
      onChoose={() => {
        preset.value = value
      }}
    />
  )
  return (
    <Dialog title="A new room" onClose={onClose}>
      <form class="dialog-form" onSubmit={submit}>
        {trouble.value !== undefined && (
          <p class="notice notice-bad" role="alert">
            {trouble.value}
          </p>
        )}
        <div class="field">
          <label for={id}>Its name</label>
          <input
            id={id}
            required
            autocomplete="off"
            value={name.value}
            onInput={({ currentTarget }) => {
              name.value = currentTarget.value
            }}
          />
        </div>
        <fieldset>
          <legend>Who may come in</legend>
          {choice('public-channel', 'Everybody: it can be found')}
          {choice('private-group', 'Whom its members ask in')}
        </fieldset>
        <div class="dialog-buttons">
          <button type="submit" class="primary" disabled={busy.value}>
            {busy.value ? 'Making it …' : 'Make the room'}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
