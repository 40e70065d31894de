import type { RoomModel } from '../state/room-model.ts'
import { Dialog } from './dialog.tsx'
import { NotifyChoice } from './notify-choice.tsx'
import { TextForm } from './text-form.tsx'

interface RoomSettingsProps {
  readonly model: RoomModel
  readonly onClose: () => void
}

/** What can be chosen for one room. */
export function RoomSettings({ model, onClose }: RoomSettingsProps) {
  const { nick = '', subject } = model.snapshot.value
  return (
    <Dialog title={`Settings of ${model.title}`} onClose={onClose}>
      <div class="dialog-form">
        <TextForm
          label="Your name in this room"
          value={nick}
          button="Change"
          required
          onSubmit={(text) => model.setNick(text)}
        />
        <TextForm label="Subject" value={subject.text} button="Set" onSubmit={(text) => model.setSubject(text)} />
        <TextForm
          label="Ask somebody in (their address)"
          value=""
          button="Ask"
          required
          onSubmit={(jid) => void model.invite(jid)}
        />
        <NotifyChoice room={model.jid} />
      </div>
    </Dialog>
  )
}
