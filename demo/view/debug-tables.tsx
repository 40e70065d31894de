import type { Inspection } from 'minimix-web'
import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import { localPart } from '../state/address.ts'
import type { Look } from '../state/inspector.ts'

type TabFacts = Inspection['tabs'][number]
type RoomFacts = Inspection['rooms'][number]

/** As many events may be on their way to a tab, and as many more wait for it. */
const WINDOW = 1_024
const QUEUE = 4_096

export function TabsCard({ inspection }: Look) {
  const head = ['Tab', 'Standing', 'Rooms', 'On its way', 'Waiting', 'Told, handled']
  return (
    <TableCard title={`Tabs (${inspection.tabs.length})`} head={head} note="This page is one of them.">
      {inspection.tabs.map((tab) => (
        <tr key={tab.id}>
          <th scope="row">
            <code>{tab.id.slice(0, 8)}</code>
          </th>
          <td data-name="Standing">
            <Mark {...tabMark(tab)} />
          </td>
          <td data-name="Rooms">{tab.rooms.map(localPart).join(', ') || '–'}</td>
          <td data-name="On its way">
            <Bar value={tab.nextSeq - 1 - tab.ackedSeq} max={WINDOW} />
          </td>
          <td data-name="Waiting">
            <Bar value={tab.queued} max={QUEUE} />
          </td>
          <td data-name="Told, handled">
            {tab.nextSeq - 1}, {tab.ackedSeq}
          </td>
        </tr>
      ))}
    </TableCard>
  )
}

export function RoomsCard({ inspection }: Look) {
  const { rooms } = inspection
  const head = ['Room', 'State', 'Nick', 'Occupants', 'Tabs', 'Bookmark']
  return (
    <TableCard title={`Rooms (${rooms.length})`} head={head} {...(rooms.length === 0 && { note: 'In none.' })}>
      {rooms.map((room) => (
        <tr key={room.jid}>
          <th scope="row">{room.jid}</th>
          <td data-name="State">
            <Mark {...roomMark(room)} />
          </td>
          <td data-name="Nick">{room.nick ?? '–'}</td>
          <td data-name="Occupants">{room.occupants}</td>
          <td data-name="Tabs">{room.tabs}</td>
          <td data-name="Bookmark">{room.kept ? 'enters by itself' : '–'}</td>
        </tr>
      ))}
    </TableCard>
  )
}

interface TableCardProps {
  readonly title: string
  readonly head: readonly string[]
  readonly note?: string
  readonly children: ComponentChildren
}

function TableCard({ title, head, note, children }: TableCardProps) {
  const id = useId()
  return (
    <section class="debug-card" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <table class="debug-table">
        <thead>
          <tr>
            {head.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
      {note !== undefined && <p class="fine-print">{note}</p>}
    </section>
  )
}

interface MarkProps {
  readonly words: string
  readonly mood: 'good' | 'warn' | 'bad' | 'none'
}

function Mark({ words, mood }: MarkProps) {
  return (
    <span class="mark" data-mood={mood}>
      {words}
    </span>
  )
}

function tabMark({ hidden, suspended, fallenBehind }: TabFacts): MarkProps {
  if (suspended) return { words: 'suspended', mood: 'warn' }
  if (fallenBehind) return { words: 'fallen behind', mood: 'bad' }
  return hidden ? { words: 'hidden', mood: 'none' } : { words: 'in sight', mood: 'good' }
}

const PHASES: Readonly<Record<string, MarkProps['mood']>> = {
  in: 'good',
  out: 'none',
  removed: 'bad',
  destroyed: 'bad',
}

function roomMark({ phase, suspended }: RoomFacts): MarkProps {
  if (suspended) return { words: `${phase}, suspended`, mood: 'warn' }
  return { words: phase, mood: PHASES[phase] ?? 'warn' }
}

/** A part of a whole, drawn, with its number beside it. */
function Bar({ value, max }: { readonly value: number; readonly max: number }) {
  const percent = (100 * Math.min(value, max)) / max
  return (
    <span class="bar" data-full={percent > 75}>
      <svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true" focusable="false">
        <rect width={percent} height="1" />
      </svg>
      <span>
        {value}
        <span class="unseen"> of {max}</span>
      </span>
    </span>
  )
}
