import { useSignal } from '@preact/signals'
import type { NotifyWhen } from 'minimix-web'
import { useEffect, useId } from 'preact/hooks'
import { inWords } from '../state/words.ts'
import { useApp, useChat } from './context.ts'

interface NotifyChoiceProps {
  /** Left out: what counts where nothing else is set. */
  readonly room?: string
}

const WORDS: Readonly<Record<NotifyWhen, string>> = {
  always: 'All that is said',
  'on-mention': 'What is for me',
  never: 'Nothing',
}
const WHENS: readonly NotifyWhen[] = ['always', 'on-mention', 'never']

/** Which messages are worth a notification: the same in all tabs. */
export function NotifyChoice({ room }: NotifyChoiceProps) {
  const { account } = useChat()
  const { toasts } = useApp()
  const when = useSignal<NotifyWhen | undefined>(undefined)
  const id = useId()
  useEffect(() => {
    const { notifications } = account
    const look = (): void =>
      void (room === undefined ? notifications.default() : notifications.get(room)).then(
        (found) => {
          when.value = found
        },
        (error: unknown) => toasts.show(inWords(error)),
      )
    look()
    return account.on('notifications', look)
  }, [account, room])
  const choose = (value: NotifyWhen | undefined): void => {
    const { notifications } = account
    const next = value ?? null
    const done = room === undefined ? notifications.setDefault(next) : notifications.set(room, next)
    done.catch((error: unknown) => toasts.show(inWords(error)))
  }
  return (
    <div class="kept">
      <label for={id}>{room === undefined ? 'Of rooms without a setting of their own' : 'Notify me of'}</label>
      <select
        id={id}
        value={when.value ?? ''}
        onChange={({ currentTarget }) => choose(WHENS.find((each) => each === currentTarget.value))}
      >
        <option value="">As usual</option>
        {WHENS.map((each) => (
          <option key={each} value={each}>
            {WORDS[each]}
          </option>
        ))}
      </select>
    </div>
  )
}
