import type { Show } from './room-stanza.ts'
import { NS_CLIENT, presence } from './stanza.ts'
import { textEl, type XmlNode } from './xml.ts'

/** What the account shows of itself. */
export interface Shown {
  readonly presence?: { readonly show: Show; readonly status?: string; readonly priority?: number } | undefined
  /** Capabilities (XEP-0115), as part of every presence. */
  readonly caps?: XmlNode | undefined
  /** Whatever else each presence of the account holds. */
  readonly more?: readonly XmlNode[] | undefined
}

/** What each available presence of ours holds (RFC 6121 section 4.7.2); no `<show/>` for plain `online`. */
export function presenceWords({ presence, caps, more = [] }: Shown): (XmlNode | undefined)[] {
  const { show, status, priority = 0 } = presence ?? {}
  return [
    textEl(NS_CLIENT, 'show', show === 'online' ? undefined : show),
    textEl(NS_CLIENT, 'status', status),
    priority === 0 ? undefined : textEl(NS_CLIENT, 'priority', `${priority}`),
    caps,
    ...more,
  ]
}

/** A presence to an occupant's address of our own: in a room where we are, a new nick or a new show. */
export function occupantPresence(occupantJid: string, id: string, shown: Shown): XmlNode {
  return presence({ to: occupantJid, id }, ...presenceWords(shown))
}
