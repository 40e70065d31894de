import { useId } from 'preact/hooks'
import type { Settings } from '../state/settings.ts'
import { useApp } from './context.ts'
import { Dialog } from './dialog.tsx'
import { NotifyChoice } from './notify-choice.tsx'
import { PictureChoice } from './picture-choice.tsx'

const MESSAGES = [undefined, 100, 1_000, 10_000] as const
const DAYS = [undefined, 1, 7, 30, 365] as const

/** What can be chosen for this browser. */
export function SettingsDialog({ onClose }: { readonly onClose: () => void }) {
  const { settings } = useApp()
  const { onLastTab, keptMessages, keptDays } = settings.value
  const change = (what: Partial<Settings>): void => {
    settings.value = { ...settings.value, ...what }
  }
  return (
    <Dialog title="Settings" onClose={onClose}>
      <div class="dialog-form">
        <fieldset>
          <legend>Your picture</legend>
          <PictureChoice />
        </fieldset>
        <fieldset>
          <legend>Notifications</legend>
          <Notifications />
          <NotifyChoice />
        </fieldset>
        <fieldset>
          <legend>When the last tab is closed</legend>
          <Choice
            name="last-tab"
            label="Stay in the rooms for a while"
            checked={onLastTab === 'linger'}
            onChoose={() => change({ onLastTab: 'linger' })}
          />
          <Choice
            name="last-tab"
            label="Leave the rooms at once"
            checked={onLastTab === 'leave'}
            onChoose={() => change({ onLastTab: 'leave' })}
          />
          <p class="fine-print">
            Counts for tabs that are loaded from now on.{' '}
            <button type="button" class="link" onClick={() => location.reload()}>
              Load this one anew
            </button>
          </p>
        </fieldset>
        <fieldset>
          <legend>What this browser keeps of what was said</legend>
          <Kept
            label="Messages of each room"
            options={MESSAGES}
            usual="100,000"
            value={keptMessages}
            onChoose={(value) => change({ keptMessages: value })}
          />
          <Kept
            label="Days"
            options={DAYS}
            usual="for ever"
            value={keptDays}
            onChoose={(value) => change({ keptDays: value })}
          />
          <p class="fine-print">Counts from the next sign-in.</p>
        </fieldset>
        <RememberMe />
      </div>
    </Dialog>
  )
}

/** Counts with a sign-in by a password. */
export function RememberMe() {
  const { settings } = useApp()
  return (
    <Check
      label="Remember me: no password next time, where the server can"
      checked={settings.value.remember}
      onChange={(remember) => {
        settings.value = { ...settings.value, remember }
      }}
    />
  )
}

function Notifications() {
  const { notifier } = useApp()
  const isDenied = notifier.permission.value === 'denied'
  return (
    <div>
      <Check
        label="Notify me of what is for me, in one tab, while I do not see it"
        checked={notifier.isOn}
        disabled={isDenied}
        onChange={(checked) => (checked ? void notifier.turnOn() : notifier.turnOff())}
      />
      {isDenied && <p class="fine-print">The browser does not let this page notify you: its own settings can.</p>}
    </div>
  )
}

interface CheckProps {
  readonly label: string
  readonly checked: boolean
  readonly disabled?: boolean
  readonly onChange: (checked: boolean) => void
}

export function Check({ label, checked, disabled = false, onChange }: CheckProps) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={checked}
        disabled={disabled}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
      />
      {label}
    </label>
  )
}

interface ChoiceProps {
  readonly name: string
  readonly label: string
  readonly checked: boolean
  readonly onChoose: () => void
}

export function Choice({ name, label, checked, onChoose }: ChoiceProps) {
  return (
    <label class="check">
      <input type="radio" name={name} checked={checked} onChange={onChoose} />
      {label}
    </label>
  )
}

interface KeptProps {
  readonly label: string
  readonly options: readonly (number | undefined)[]
  readonly usual: string
  readonly value: number | undefined
  readonly onChoose: (value: number | undefined) => void
}

function Kept({ label, options, usual, value, onChoose }: KeptProps) {
  const id = useId()
  return (
    <div class="kept">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value ?? ''}
        onChange={({ currentTarget }) => onChoose(Number(currentTarget.value) || undefined)}
      >
        {options.map((option) => (
          <option key={option ?? ''} value={option ?? ''}>
            {option?.toLocaleString() ?? usual}
          </option>
        ))}
      </select>
    </div>
  )
}
