import { useSignal } from '@preact/signals'
import type { Inspector, Look } from '../state/inspector.ts'
import { STATUS_WORDS, timeInWords } from '../state/words.ts'
import { EngineCard, StreamCard, WireCard } from './debug-facts.tsx'
import { DebugForm } from './debug-form.tsx'
import { DebugLog } from './debug-log.tsx'
import { RoomsCard, TabsCard } from './debug-tables.tsx'
import { ThemeSwitch } from './theme-switch.tsx'

/** What the worker of an account is doing, drawn anew with each look at it. */
export function DebugView({ inspector }: { readonly inspector: Inspector }) {
  const stage = inspector.stage.value
  const look = inspector.look.value
  if (stage.at === 'asking') return <DebugForm stage={stage} inspector={inspector} />
  return (
    <>
      <header class="debug-bar">
        <div class="debug-title">
          <h1>Seen inside</h1>
          <p>{stage.at === 'looking' ? stage.account.jid : stage.jid}</p>
        </div>
        {look && (
          <span class="status" data-status={look.inspection.status} role="status">
            {STATUS_WORDS[look.inspection.status]}
          </span>
        )}
        <CopyButton inspector={inspector} />
        <ThemeSwitch theme={inspector.theme} />
      </header>
      <main class="debug">
        {inspector.trouble.value !== undefined && (
          <p class="notice notice-bad" role="alert">
            {inspector.trouble.value}
            {look && ` This was seen at ${timeInWords(look.atMs)}.`}
          </p>
        )}
        {look ? <Seen look={look} inspector={inspector} /> : <p role="status">Attaching to the worker …</p>}
      </main>
    </>
  )
}

function Seen({ look, inspector }: { readonly look: Look; readonly inspector: Inspector }) {
  return (
    <>
      <div class="debug-facts">
        <EngineCard {...look} />
        <StreamCard {...look} />
        <WireCard {...look} />
      </div>
      <TabsCard {...look} />
      <RoomsCard {...look} />
      <DebugLog inspector={inspector} />
    </>
  )
}

function CopyButton({ inspector }: { readonly inspector: Inspector }) {
  const said = useSignal('')
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(inspector.json)
      said.value = 'Copied'
    } catch {
      said.value = 'The browser does not let this page copy'
    }
  }
  return (
    <span class="debug-copy">
      <span role="status">{said}</span>
      <button type="button" disabled={!inspector.look.value} onClick={copy} onBlur={() => (said.value = '')}>
        Copy all as JSON
      </button>
    </span>
  )
}
