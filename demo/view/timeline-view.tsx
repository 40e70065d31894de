import { useEffect, useMemo } from 'preact/hooks'
import { localPart } from '../state/address.ts'
import { dayOf } from '../state/moments.ts'
import type { RoomModel } from '../state/room-model.ts'
import { type Row, rowsOf } from '../state/rows.ts'
import { DownIcon } from './icons.tsx'
import { MessageGroup } from './message-group.tsx'
import { OutgoingGroup } from './outgoing-group.tsx'
import { useStickToEnd } from './use-stick-to-end.ts'

export function TimelineView({ model }: { readonly model: RoomModel }) {
  const entries = model.timeline.entries.value
  const waiting = model.outbox.waiting.value
  const rows = useMemo(() => rowsOf(entries), [entries])
  const content = useMemo(() => ({ entries, waiting }), [entries, waiting])
  const { box, atEnd, toEnd } = useStickToEnd(content)
  const ownNick = model.snapshot.value.nick
  useEffect(() => {
    if (waiting.length > 0) toEnd() // whoever writes wants to see it
  }, [waiting.length])
  return (
    <div class="timeline-frame">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section class="timeline" ref={box} tabIndex={0} aria-label={`Messages in ${localPart(model.jid)}`}>
        {rows.length === 0 && waiting.length === 0 && <p class="nothing">Nothing has been said here yet.</p>}
        <ol class="rows">
          {rows.map((row) => (
            <RowView key={row.key} row={row} ownNick={ownNick} />
          ))}
          {waiting.length > 0 && <OutgoingGroup outbox={model.outbox} waiting={waiting} />}
        </ol>
      </section>
      {!atEnd.value && (
        <button type="button" class="to-end" onClick={toEnd}>
          <DownIcon />
          To the newest
        </button>
      )}
    </div>
  )
}

function RowView({ row, ownNick }: { readonly row: Row; readonly ownNick: string | undefined }) {
  switch (row.kind) {
    case 'day':
      return (
        <li class="day">
          <span>{dayOf(row.stampMs, Date.now())}</span>
        </li>
      )
    case 'notice':
      return <li class="event">{row.text}</li>
    case 'group':
      return <MessageGroup messages={row.messages} ownNick={ownNick} />
  }
}
