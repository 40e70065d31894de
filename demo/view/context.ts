import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { App } from '../state/app.ts'
import type { Chat } from '../state/chat.ts'
import type { Conversation } from '../state/conversation.ts'

export const AppContext = createContext<App | undefined>(undefined)
export const ChatContext = createContext<Chat | undefined>(undefined)
export const ConversationContext = createContext<Conversation | undefined>(undefined)

export function useApp(): App {
  const app = useContext(AppContext)
  if (!app) throw new Error('useApp: not below an AppContext')
  return app
}

/** The signed-in tab: only below the chat page is there one. */
export function useChat(): Chat {
  const chat = useContext(ChatContext)
  if (!chat) throw new Error('useChat: not below a ChatContext')
  return chat
}

/** What is in front: only below its pane is there one. */
export function useConversation(): Conversation {
  const conversation = useContext(ConversationContext)
  if (!conversation) throw new Error('useConversation: not below a ConversationContext')
  return conversation
}
