import type { Tab } from '../support/browser/tab.ts'
import type { Entry } from '../support/raw-archive.ts'
import type { WireProxy } from '../support/wire-proxy.ts'

/** The whole of a room as the browser's archive has it, oldest first. */
export async function historyOf(tab: Tab, room: string): Promise<Entry[]> {
  const entries: Entry[] = []
  for (let before: string | undefined; ; ) {
    const page = await tab.room(room, 'history', { limit: 200, ...(before !== undefined && { before }) })
    entries.unshift(...page.messages.map(({ id, body }) => ({ id, body })))
    before = page.messages[0]?.id
    if (page.atStart || before === undefined) return entries
  }
}

/** All that was on the wire, what the browser's archive has, and what the worker logged. */
export async function evidenceOf(wire: WireProxy, tab: Tab | undefined, rooms: readonly string[]): Promise<string[]> {
  const lines = wire.frames.all.map(({ connection, dir, text }) => `#${connection} ${arrow(dir)} ${text}`)
  if (!tab) return lines
  try {
    for (const room of rooms) {
      const entries = await historyOf(tab, room)
      lines.push(`archive of ${room}: ${entries.map(({ body }) => body).join(', ')}`)
    }
    const { log } = await tab.inspect()
    lines.push(...log.map((record) => JSON.stringify(record)))
  } catch (error) {
    lines.push(`the browser does not say more: ${String(error)}`)
  }
  return lines
}

const SESSION = /^<(resume|resumed|failed|enable|enabled)\b/
const arrow = (dir: 'up' | 'down'): string => (dir === 'up' ? '>' : '<')

/** Where a message was on the wire, between which beginnings of a session. */
export function passagesOf({ frames }: WireProxy, body: string): string {
  return frames.all
    .filter(({ text }) => text.includes(`>${body}<`) || SESSION.test(text))
    .filter(
      ({ text }, at, all) =>
        text.includes(body) || [all[at - 1], all[at + 1]].some((next) => next?.text.includes(body)),
    )
    .map(({ connection, dir, text }) => `    #${connection} ${arrow(dir)} ${text.slice(0, 160)}`)
    .join('\n')
}

/** What was on the wire of a room around the places where a message is. */
export function storyOf({ frames }: WireProxy, body: string, room: string): string {
  const those = frames.all.filter(({ text }) => text.includes(room) || SESSION.test(text))
  const at = those.flatMap(({ text }, place) => (text.includes(`>${body}<`) ? [place] : []))
  const near = those.filter((_, place) => at.some((each) => Math.abs(each - place) < 14))
  return near.map(({ connection, dir, text }) => `    #${connection} ${arrow(dir)} ${brief(text)}`).join('\n')
}

/** A frame without what says nothing here. */
function brief(text: string): string {
  return text
    .replace(/ (xmlns|xml:lang|to)=(['"])[^'"]*\2/g, '')
    .replace(/<(occupant-id|origin-id)[^>]*\/>/g, '')
    .slice(0, 240)
}
