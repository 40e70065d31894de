import { useSignal } from '@preact/signals'
import type { Message } from 'minimix-web'
import { EMOJIS } from '../state/emojis.ts'
import { RoomModel } from '../state/room-model.ts'
import { useApp, useConversation } from './context.ts'
import { MoreIcon, ReplyIcon, SmileIcon } from './icons.tsx'
import { Menu, MenuItem } from './menu.tsx'
import { RemovalDialog } from './removal-dialog.tsx'

interface MessageActionsProps {
  readonly message: Message
  /** A choice is open: the buttons are to stay. */
  readonly onHold: (held: boolean) => void
}

/** What can be done with a message, as far as this person may. */
export function MessageActions({ message, onHold }: MessageActionsProps) {
  const conversation = useConversation()
  const { toasts } = useApp()
  const asking = useSignal(false)
  const { own, body } = message
  const ask = (shown: boolean): void => {
    asking.value = shown
    onHold(shown)
  }
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(body)
    } catch {
      toasts.show('The browser does not let this page copy.')
    }
  }
  const mayModerate = !own && conversation instanceof RoomModel && conversation.moderates
  return (
    <div class="actions" role="toolbar" aria-label="What to do with this message">
      <Menu label="React" icon={<SmileIcon />} class="emojis" columns={8} onOpen={onHold}>
        {EMOJIS.map(([emoji, name]) => (
          <button key={emoji} type="button" aria-label={name} onClick={() => conversation.toggle(message, emoji)}>
            {emoji}
          </button>
        ))}
      </Menu>
      <button
        type="button"
        class="quiet"
        aria-label="Reply"
        title="Reply"
        onClick={() => conversation.begin({ kind: 'reply', message })}
      >
        <ReplyIcon />
      </button>
      <Menu label="More" icon={<MoreIcon />} onOpen={onHold}>
        {conversation.isEditable(message) && (
          <MenuItem title="Edit" onChoose={() => conversation.begin({ kind: 'edit', message })} />
        )}
        {(own || mayModerate) && <MenuItem title="Delete for everybody" onChoose={() => ask(true)} />}
        {body !== '' && <MenuItem title="Copy the text" onChoose={copy} />}
      </Menu>
      {asking.value && <RemovalDialog message={message} onClose={() => ask(false)} />}
    </div>
  )
}
