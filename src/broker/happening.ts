import type { ConnectionInput } from '../account/connection.ts'
import type { XmlNode } from '../protocol/xml.ts'
import type { Input } from '../rooms/inputs.ts'
import type { CallId, TabId } from '../rooms/room.ts'
import type { Stream } from './ports.ts'
import type { TabRequest } from './tab-calls.ts'
import type { TabLink } from './tab-link.ts'

/** One step of the broker: whatever comes from outside, or from its own timers. */
export type Happening =
  | { readonly on: 'call'; readonly tab: TabId; readonly call: CallId; readonly request: TabRequest }
  | { readonly on: 'tab-gone'; readonly tab: TabId }
  | { readonly on: 'stanza'; readonly stanza: XmlNode; readonly stream: Stream }
  | { readonly on: 'connection'; readonly input: ConnectionInput; readonly stream: Stream | undefined }
  | { readonly on: 'room'; readonly room: string; readonly input: Input }
  | { readonly on: 'tab-back'; readonly link: TabLink }
  | { readonly on: 'network' }
  | { readonly on: 'nobody' }

/** For the log: what it was, and of which room. Nothing of what was said in it. */
export function happeningName(happening: Happening): string {
  switch (happening.on) {
    case 'call':
      return `call ${callName(happening.request)}`
    case 'stanza':
      return `stanza ${happening.stanza.name}`
    case 'connection':
      return `connection ${happening.input.on}`
    case 'room':
      return `${happening.input.on} in ${happening.room}`
    default:
      return happening.on
  }
}

/** For the log: a call by its name, and its room where it has one. */
export function callName({ name, args }: TabRequest): string {
  // A tab with other words than ours may give anything.
  const ofRoom = typeof args === 'object' && args !== null && 'room' in args && typeof args.room === 'string'
  return ofRoom ? `${name} ${args.room}` : name
}
