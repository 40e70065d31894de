import type { App } from '../state/app.ts'
import { ChatPage } from './chat-page.tsx'
import { AppContext } from './context.ts'
import { SignIn } from './sign-in.tsx'
import { Toasts } from './toasts.tsx'

export function AppView({ app }: { readonly app: App }) {
  const stage = app.stage.value
  return (
    <AppContext.Provider value={app}>
      {stage.at === 'chat' && <ChatPage key={stage.chat} chat={stage.chat} />}
      {stage.at === 'sign-in' && <SignIn stage={stage} />}
      {stage.at === 'returning' && (
        <main class="returning">
          <p role="status">Coming back as {stage.jid} …</p>
        </main>
      )}
      <Toasts />
    </AppContext.Provider>
  )
}
