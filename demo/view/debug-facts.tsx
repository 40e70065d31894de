import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import { bytesInWords } from '../state/figures.ts'
import type { Look } from '../state/inspector.ts'
import { durationInWords } from '../state/words.ts'

const ENGINES = {
  'shared-worker': 'SharedWorker',
  'leader-worker': 'worker of one tab',
  'this-tab': 'this tab',
} as const
const STORAGES = { indexeddb: 'IndexedDB', memory: 'memory only' } as const
const STREAMS = {
  offline: 'none',
  connecting: 'connecting',
  online: 'open',
  waiting: 'waiting for the next try',
  refused: 'refused',
} as const

export function EngineCard({ inspection, atMs }: Look) {
  const { instance, engine, contract, storage, upSinceMs } = inspection
  return (
    <FactsCard title="Worker">
      <Fact name="Engine">{ENGINES[engine]}</Fact>
      <Fact name="Instance">
        <code>{instance}</code>
      </Fact>
      <Fact name="Up for">{durationInWords(atMs - upSinceMs)}</Fact>
      <Fact name="Archive">{STORAGES[storage]}</Fact>
      <Fact name="Contract">version {contract}</Fact>
    </FactsCard>
  )
}

export function StreamCard({ inspection, atMs }: Look) {
  const { at, fullJid, managed, resumable, taken, handled, unacknowledged, heardAtMs, nextTryAtMs } = inspection.stream
  const session = !managed ? 'not counted' : resumable ? 'counted, can go on' : 'counted'
  return (
    <FactsCard title="Stream">
      <Fact name="Connection">{STREAMS[at]}</Fact>
      {nextTryAtMs !== undefined && <Fact name="Next try">in {durationInWords(nextTryAtMs - atMs)}</Fact>}
      <Fact name="Address">
        <code>{fullJid ?? '–'}</code>
      </Fact>
      <Fact name="Session">{session}</Fact>
      <Fact name="Stanzas in">{taken} taken</Fact>
      <Fact name="Stanzas out">
        {handled} handled, {unacknowledged} unacknowledged
      </Fact>
      <Fact name="Last heard">{heardAtMs === undefined ? 'never' : `${durationInWords(atMs - heardAtMs)} ago`}</Fact>
    </FactsCard>
  )
}

export function WireCard({ inspection }: Look) {
  const { connections, joins, leaves, framesIn, framesOut, bytesIn, bytesOut } = inspection.wire
  return (
    <FactsCard title="On the wire">
      <Fact name="Connections">{connections}</Fact>
      <Fact name="Joins, leaves">
        {joins}, {leaves}
      </Fact>
      <Fact name="In">
        {framesIn} frames, {bytesInWords(bytesIn)}
      </Fact>
      <Fact name="Out">
        {framesOut} frames, {bytesInWords(bytesOut)}
      </Fact>
    </FactsCard>
  )
}

function FactsCard({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  const id = useId()
  return (
    <section class="debug-card" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <dl class="facts">{children}</dl>
    </section>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
