import { type ReadonlySignal, signal } from '@preact/signals'
import type { Message, Occupant, Room, RoomEvents } from 'minimix-web'
import type { Entry } from './rows.ts'

/** Older ones are let go of: the archive has them. */
const KEPT = 500

const DEPARTURES: Readonly<Record<RoomEvents['occupant-left']['kind'], string>> = {
  left: 'left',
  kicked: 'was sent out',
  banned: 'was banned',
  'not-a-member': 'left: the room is for members now',
  shutdown: 'left: the room closes',
}

/** What was said and what happened in a room, as this tab was told. */
export class Timeline {
  readonly #entries = signal<readonly Entry[]>([])
  #notices = 0

  constructor(room: Room, signal: AbortSignal) {
    const on: Room['on'] = (name, listener) => room.on(name, listener, { signal })
    on('joined', () => {
      this.#entries.value = [] // a join tells the history anew
    })
    on('message', (message) => this.#add({ kind: 'message', key: message.id, message }))
    on('message-updated', ({ message }) => this.#replace(message))
    on('occupant-joined', ({ occupant, initial, synthetic }) => {
      if (!initial && !synthetic) this.#notice(`${occupant.nick} came in`)
    })
    on('occupant-left', ({ occupant, kind, synthetic }) => {
      if (!synthetic) this.#notice(`${occupant.nick} ${DEPARTURES[kind]}`)
    })
    on('nick-changed', ({ occupant, before }) => this.#notice(`${before.nick} is now ${named(occupant)}`))
  }

  get entries(): ReadonlySignal<readonly Entry[]> {
    return this.#entries
  }

  #add(entry: Entry): void {
    const others = this.#entries.value.filter(({ key }) => key !== entry.key)
    this.#entries.value = [...others, entry].slice(-KEPT)
  }

  #replace(message: Message): void {
    this.#entries.value = this.#entries.value.map((entry) =>
      entry.kind === 'message' && isSame(entry.message, message) ? { ...entry, message } : entry,
    )
  }

  #notice(text: string): void {
    this.#add({ kind: 'notice', key: `notice ${this.#notices++}`, stampMs: Date.now(), text })
  }
}

const named = ({ nick, own }: Occupant): string => (own ? `${nick} (you)` : nick)

/** A message of ours has another id once the room has given it one. */
function isSame(known: Message, news: Message): boolean {
  return known.id === news.id || (known.own && news.originId !== undefined && known.originId === news.originId)
}
