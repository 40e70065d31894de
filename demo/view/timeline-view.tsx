import { useComputed, useSignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { dayOf } from '../state/moments.ts'
import { type Row, rowsOf } from '../state/rows.ts'
import { useConversation } from './context.ts'
import { DownIcon } from './icons.tsx'
import { MessageGroup } from './message-group.tsx'
import type { Rover } from './message-view.tsx'
import { OutgoingGroup } from './outgoing-group.tsx'
import { rove } from './roving.ts'
import { useTimelineScroll } from './use-timeline-scroll.ts'

export function TimelineView() {
  const conversation = useConversation()
  const { timeline, outbox } = conversation
  const entries = timeline.entries.value
  const unreadFrom = timeline.unreadFrom.value
  const waiting = outbox.waiting.value
  const refused = outbox.refused.value
  const rows = useMemo(() => rowsOf(entries, unreadFrom), [entries, unreadFrom])
  const content = useMemo(() => ({ entries, waiting, refused }), [entries, waiting, refused])
  const { box, list, atEnd, toEnd } = useTimelineScroll(conversation, content)
  const rover = useRover()
  const outgoing = waiting.length + refused.length
  useEffect(() => {
    if (outgoing > 0) toEnd() // whoever writes wants to see it
  }, [outgoing])
  const empty = rows.length === 0 && outgoing === 0
  return (
    <div class="timeline-frame">
      <section class="timeline" ref={box} aria-label={`Messages in ${conversation.title}`} aria-busy={timeline.loading}>
        {timeline.loading.value && <p class="loading">Loading what was said before …</p>}
        {empty && <Nothing title={conversation.title} />}
        <ol
          class="rows"
          ref={list}
          onKeyDown={(event) => rove(event, '[data-message]', { onBefore: () => void conversation.older() })}
        >
          {timeline.atStart.value && !empty && <li class="event">This is where it begins.</li>}
          {rows.map((row) => (
            <RowView key={row.key} row={row} rover={rover} />
          ))}
          {outgoing > 0 && <OutgoingGroup waiting={waiting} refused={refused} />}
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

/** The message that Tab reaches: where the keys were last, else the newest. */
function useRover(): Rover {
  const { timeline } = useConversation()
  const chosen = useSignal<string | undefined>(undefined)
  const at = useComputed(() => {
    const ids = timeline.entries.value.flatMap((entry) => (entry.kind === 'message' ? [entry.message.id] : []))
    const known = chosen.value
    return known !== undefined && ids.includes(known) ? known : ids.at(-1)
  })
  return useMemo(
    () => ({
      at,
      choose: (id) => {
        chosen.value = id
      },
    }),
    [at, chosen],
  )
}

function Nothing({ title }: { readonly title: string }) {
  return (
    <div class="nothing">
      <p>
        <b>Nothing has been said in {title} yet.</b>
      </p>
      <p>Write the first words below. Whoever comes later can read them.</p>
    </div>
  )
}

function RowView({ row, rover }: { readonly row: Row; readonly rover: Rover }) {
  switch (row.kind) {
    case 'day':
      return (
        <li class="day">
          <span>{dayOf(row.stampMs, Date.now())}</span>
        </li>
      )
    case 'unread':
      return (
        <li class="day unread-line">
          <span>New</span>
        </li>
      )
    case 'notice':
      return <li class="event">{row.text}</li>
    case 'group':
      return <MessageGroup messages={row.messages} rover={rover} />
  }
}
