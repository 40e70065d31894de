import type { StreamRow } from '../account/managed-stream.ts'
import type { OutboxRow, PendingAmendment, SearchCall, SharedMessage } from '../contract/api.ts'
import type { UnreadRow } from '../contract/unread.ts'
import { forgottenBefore } from '../rooms/gaps.ts'
import { comparePlaces } from '../search/segment.ts'
import { wantedWords } from '../search/words.ts'
import { isWithin, matches } from './search-match.ts'
import type { OccupantsRow, PrivateRow, RoomRow, Store, StoreOp } from './store.ts'

/** A store that lives as long as the worker: for tests, and where the browser has no IndexedDB (private windows). */
export function memoryStore(): Store {
  const rooms = new Map<string, RoomRow>()
  const messages = new Map<string, SharedMessage[]>()
  const privates = new Map<string, PrivateRow>()
  const occupants = new Map<string, Map<number, OccupantsRow>>()
  const unread = new Map<string, UnreadRow>()
  const kept = new Map<string, Map<string, unknown>>()
  let outbox: readonly OutboxRow[] = []
  let amendments: readonly PendingAmendment[] = []
  let session: StreamRow | undefined
  let strongest: string | undefined
  let open = true

  const apply = (op: StoreOp): void => {
    if (op.forget === 'occupants') occupants.delete(op.room)
    else if (op.forget === 'amendments')
      amendments = amendments.filter(
        ({ room, target, nick, atMs }) =>
          room !== op.room || target !== op.row.target || nick !== op.row.nick || atMs !== op.row.atMs,
      )
    else if (op.forget === 'outbox') outbox = outbox.filter(({ room, order }) => room !== op.room || order !== op.order)
    else if (op.put === 'outbox') outbox = [...outbox, op.row].sort((a, b) => a.order - b.order)
    else if (op.put === 'amendment') amendments = [...amendments, op.row]
    else if (op.put === 'session') session = op.row
    else if (op.put === 'strongest') strongest = op.mechanism
    else if (op.put === 'token')
      return // a person who is to be remembered is so beyond the worker, or not at all
    else if (op.put === 'kept') keep(op)
    else if (op.put === 'occupants')
      occupants.set(op.row.room, (occupants.get(op.row.room) ?? new Map()).set(op.row.part, op.row))
    else if (op.put === 'unread') unread.set(op.row.room, op.row)
    else if (op.put === 'room') rooms.set(op.row.room, op.row)
    else if (op.put === 'private') privates.set(`${op.row.room}\n${op.row.key}`, op.row)
    else putMessage(op.row)
  }

  const keep = ({ part, key, value }: Extract<StoreOp, { put: 'kept' }>): void => {
    const mine = kept.get(part) ?? new Map<string, unknown>()
    kept.set(part, mine)
    if (value === undefined) mine.delete(key)
    else mine.set(key, structuredClone(value))
  }

  const putMessage = (row: SharedMessage): void => {
    const rows = messages.get(row.room) ?? []
    messages.set(row.room, rows)
    const at = lowerBound(rows, row.order)
    rows.splice(at, rows[at]?.order === row.order ? 1 : 0, row)
  }

  const search = (query: SearchCall): SharedMessage[] => {
    const wanted = wantedWords(query.text)
    if (wanted.length === 0 || query.limit <= 0) return []
    const rows = [...messages.values()].flat().filter(({ stampMs }) => isWithin(stampMs, query))
    const found: SharedMessage[] = []
    for (const row of rows.sort(comparePlaces)) {
      if (matches(row, query, wanted)) found.push(row)
      if (found.length >= query.limit) break
    }
    return found
  }

  const whileOpen = async <T>(work: () => T): Promise<T> => {
    if (!open) throw new Error('memory store: closed')
    return work()
  }

  return {
    kind: 'memory',
    archive: crypto.randomUUID(),
    write: (ops) => whileOpen(() => ops.forEach(apply)),
    room: (room) => whileOpen(() => rooms.get(room)),
    left: () =>
      whileOpen(() => ({
        session,
        ...(strongest !== undefined && { strongest }),
        rooms: [...rooms.values()]
          .filter(({ member }) => member !== undefined)
          .map((row) => ({
            row,
            occupants: [...(occupants.get(row.room)?.values() ?? [])].flatMap(({ occupants }) => occupants),
          })),
      })),
    newest: ({ room, from, before }, limit) =>
      whileOpen(() => {
        const rows = messages.get(room) ?? []
        const end = lowerBound(rows, before)
        return rows.slice(Math.max(lowerBound(rows, from), end - limit), Math.max(0, end))
      }),
    oldest: ({ room, from, before }, limit) =>
      whileOpen(() => {
        const rows = messages.get(room) ?? []
        const start = lowerBound(rows, from)
        return rows.slice(start, Math.max(start, Math.min(start + limit, lowerBound(rows, before))))
      }),
    token: () => whileOpen(() => undefined),
    find: (room, wanted) => whileOpen(() => messages.get(room)?.findLast(({ id }) => id === wanted)),
    findAll: (room, ids) =>
      whileOpen(() => {
        const wanted = new Set(ids)
        return (messages.get(room) ?? []).filter(({ id }) => wanted.has(id))
      }),
    unread: (room) => whileOpen(() => unread.get(room)),
    places: (room, ids) =>
      whileOpen(() => {
        const wanted = new Set(ids)
        const found = (messages.get(room) ?? []).filter(({ id }) => wanted.has(id))
        return new Map(found.map(({ id, order }) => [id, order]))
      }),
    amendments: (wanted) => whileOpen(() => amendments.filter(({ room }) => room === wanted)),
    outbox: (wanted) => whileOpen(() => outbox.filter(({ room }) => room === wanted)),
    kept: (part, key) => whileOpen(() => kept.get(part)?.get(key)),
    allKept: (part) => whileOpen(() => new Map(kept.get(part))),
    search: (query) => whileOpen(() => search(query)),
    sizes: () => whileOpen(() => [...messages].map(([room, { length: count }]) => ({ room, count }))),
    trim: (room, keep, sinceMs) =>
      whileOpen(() => {
        const rows = messages.get(room) ?? []
        const fresh = sinceMs === undefined ? 0 : rows.findIndex(({ stampMs }) => stampMs >= sinceMs)
        const at = Math.max(rows.length - keep, fresh === -1 ? rows.length - 1 : fresh)
        if (at <= 0) return undefined
        rows.splice(0, at)
        const [first] = rows
        const row = rooms.get(room)
        if (first && row) rooms.set(room, { ...row, gaps: forgottenBefore(row.gaps, first) })
        return first
      }),
    close() {
      open = false
    },
    wipe: () =>
      whileOpen(() => {
        for (const each of [rooms, messages, privates, occupants, unread, kept]) each.clear()
        session = undefined
        strongest = undefined
        outbox = []
        amendments = []
        open = false
      }),
  }
}

/** The index of the first row whose place is not lower. New messages come last, so the search begins there. */
function lowerBound(rows: readonly SharedMessage[], order: number): number {
  const last = rows.at(-1)
  if (!last || last.order < order) return rows.length
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((rows[middle]?.order ?? Number.POSITIVE_INFINITY) < order) low = middle + 1
    else high = middle
  }
  return low
}
