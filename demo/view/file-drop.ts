import type { Conversation } from '../state/conversation.ts'

/** What a pane does with files that are let fall on it. @param open it takes them now */
export const fileDrop = (conversation: Conversation, open: boolean) => ({
  onDragOver: (event: DragEvent): void => event.preventDefault(),
  onDrop(event: DragEvent): void {
    event.preventDefault()
    if (open) for (const file of event.dataTransfer?.files ?? []) void conversation.sendFile(file)
  },
})
