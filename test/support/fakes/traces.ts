import { readdirSync, readFileSync } from 'node:fs'
import { bareOf } from '../../../src/protocol/jid.ts'
import type { XmlNode } from '../../../src/protocol/xml.ts'
import { xml } from './xml.ts'

/** Real traffic of four servers: test/fixtures/traces/README.md. */
const FOLDER = new URL('../../fixtures/traces/', import.meta.url)

export const SERVERS = ['prosody', 'prosody13', 'ejabberd', 'ejabberd24'] as const
export type Server = (typeof SERVERS)[number]

export interface TraceFrame {
  readonly direction: 'to server' | 'to client'
  /** Whose: user/resource. */
  readonly who: string
  readonly xml: string
  /** In the file, from 1. */
  readonly line: number
}

/** The names of a server's traces, without their ending. */
export function traceNames(server: Server): string[] {
  return readdirSync(new URL(`${server}/`, FOLDER))
    .filter((file) => file.endsWith('.xml'))
    .map((file) => file.slice(0, -'.xml'.length))
    .sort()
}

/** @param number the two digits with which the name begins */
export function trace(server: Server, number: string): TraceFrame[] {
  const name = traceNames(server).find((each) => each.startsWith(`${number}-`))
  if (name === undefined) throw new Error(`${server} has no trace ${number}`)
  return readTrace(server, name)
}

export function readTrace(server: Server, name: string): TraceFrame[] {
  const lines = readFileSync(new URL(`${server}/${name}.xml`, FOLDER), 'utf8').split('\n')
  return lines.flatMap((text, i) => {
    const [, arrow, who, frame] = /^([<>]) (\S+) (.+)$/.exec(text) ?? []
    if (arrow === undefined || who === undefined || frame === undefined) return []
    return [{ direction: arrow === '>' ? 'to server' : 'to client', who, xml: frame, line: i + 1 } as const]
  })
}

/** The room that a stanza comes from, as the traces name rooms. */
export function roomOf(node: XmlNode): string | undefined {
  const bare = bareOf(node.attrs['from'] ?? '')
  return bare.endsWith('@muc.localhost') ? bare : undefined
}

/** Presences and messages that rooms sent to one client, in their order. */
export function fromRooms(frames: readonly TraceFrame[], who: string): XmlNode[] {
  return frames
    .filter((frame) => frame.direction === 'to client' && frame.who === who)
    .map((frame) => xml(frame.xml))
    .filter((node) => (node.name === 'presence' || node.name === 'message') && roomOf(node) !== undefined)
}
