import type { Told } from '../support/browser/harness.ts'
import type { Entry } from '../support/raw-archive.ts'

/** What one tab was told of one room, from its join to its leave, in order. */
export interface Period {
  readonly tab: string
  readonly room: string
  readonly entries: readonly Entry[]
  /** It was in the room to the end. */
  readonly toTheEnd: boolean
}

/** What a tab was told, cut into its stays in the rooms. */
export function periodsOf(tab: string, told: readonly Told[], toTheEnd: boolean): Period[] {
  const open = new Map<string, Entry[]>()
  const periods: Period[] = []
  const end = (room: string, last: boolean): void => {
    const entries = open.get(room)
    if (entries) periods.push({ tab, room, entries, toTheEnd: last })
    open.delete(room)
  }
  for (const { room, name, event } of told) {
    if (room === undefined) continue
    if (name === 'joined') {
      end(room, false)
      open.set(room, [])
    } else if (name === 'message') open.get(room)?.push({ id: event.id, body: event.body })
    else if (name === 'left' || name === 'removed' || name === 'destroyed') end(room, false)
  }
  for (const room of [...open.keys()]) end(room, toTheEnd)
  return periods
}

export interface Findings {
  readonly lost: string[]
  readonly doubled: string[]
  readonly disordered: string[]
}

/** Compares a run of messages with the room's own: it must be a stretch of it, without a hole. */
export function compare(what: string, room: readonly Entry[], entries: readonly Entry[], toTheEnd: boolean): Findings {
  const findings: Findings = { lost: [], doubled: [], disordered: [] }
  const places = new Map(room.map(({ id }, at) => [id, at]))
  let last: number | undefined
  const seen = new Set<string>()
  for (const { id, body } of entries) {
    const at = places.get(id)
    if (at === undefined) findings.disordered.push(`${what}: "${body}" is not in the archive of the room`)
    else if (seen.has(id)) findings.doubled.push(`${what}: "${body}"`)
    else {
      if (last !== undefined && at < last) findings.disordered.push(`${what}: "${body}" came late`)
      for (let hole = (last ?? at) + 1; hole < at; hole++) {
        const missing = room[hole]
        if (missing && !seen.has(missing.id)) findings.lost.push(`${what}: "${missing.body}"`)
      }
      last = Math.max(at, last ?? at)
    }
    seen.add(id)
  }
  if (toTheEnd) for (const { body } of room.slice((last ?? -1) + 1)) findings.lost.push(`${what}: "${body}"`)
  return findings
}
