import { describe, expect, test } from 'vitest'
import { readSaid } from '../../src/protocol/said.ts'
import { sharedFileEls } from '../../src/protocol/xep-0447-file-sharing.ts'
import { amended } from '../../src/rooms/amendments.ts'
import type { Effect } from '../../src/rooms/effects.ts'
import {
  inRoom,
  kinds,
  type Machine,
  machine,
  NO_PAST,
  only,
  outcome,
  sent,
  toldTo,
} from '../support/fakes/room-machine.ts'
import { ROOM, said, whispered } from '../support/fakes/room-xml.ts'
import { sharedMessage } from '../support/fakes/shared-message.ts'
import { stanza } from '../support/fakes/xml.ts'

const FILE = { url: 'https://upload.example/notes.txt', name: 'notes.txt' }
const MORE = sharedFileEls(FILE)
const OOB = `<x xmlns='jabber:x:oob'><url>${FILE.url}</url></x>`

const says = (
  m: Machine,
  tab = 't1',
  forget: { part: string; key: string } | undefined = { part: 'files', key: 'f1' },
) => m.step({ on: 'worker-says', tab, call: 900, id: 'f1', body: FILE.url, more: MORE, forget, waitMs: 20_000 })
const files = (effects: readonly Effect[]) => only(effects, 'append').map(({ message }) => message.file)

describe('what a part of the worker says', () => {
  test('is written down in one with the end of what it kept, and only then goes out', () => {
    const effects = says(inRoom())

    expect(kinds(effects).slice(0, 3)).toEqual(['forget-kept', 'put-outbox', 'send'])
    expect(only(effects, 'forget-kept')).toEqual([{ do: 'forget-kept', part: 'files', key: 'f1' }])
    expect(sent(effects)[0]?.children).toEqual(expect.arrayContaining(MORE))
  })

  test('is said for a tab that is gone, where another one is in', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })
    m.step({ on: 'tab-gone', tab: 't1' })

    expect(sent(says(m, 't1'))).toHaveLength(1)
  })

  test('is answered when the room has it, and is about a file in every tab', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })
    says(m)

    const effects = m.hear(
      said('juliet', FILE.url, { id: 'f1', originId: 'f1' }).replace('</message>', `${OOB}</message>`),
    )

    expect(outcome(effects, 900)).toMatchObject({ file: { url: FILE.url }, tab: 't1' })
    expect(toldTo(effects, 't2')).toMatchObject([{ kind: 'message', message: { file: { url: FILE.url } } }])
  })

  test('is shown with its file while it waits', () => {
    const m = inRoom()
    m.suspend()

    expect(toldTo(says(m), 't1')).toMatchObject([{ kind: 'message-updated', message: { state: 'queued', file: FILE } }])
  })

  test('twice under one id is one message, and is not kept any longer either', () => {
    const m = inRoom()
    says(m)

    const effects = says(m)

    expect(sent(effects)).toEqual([])
    expect(only(effects, 'forget-kept')).toHaveLength(1)
  })

  test('is answered as it stands where the session of a worker before is over, and nobody holds the room', () => {
    const m = machine()
    const membership = { nick: 'juliet', codes: [110], config: undefined }
    m.world.online = false
    m.step({ on: 'inherited', past: NO_PAST, membership, occupants: [] })
    says(m)

    expect(outcome(m.lose(), 900)).toMatchObject({ id: 'f1', state: 'queued' })
  })

  test('fails where the account is not in the room, and is kept', () => {
    const effects = says(machine())

    expect(outcome(effects, 900)).toBe('not-joined')
    expect(only(effects, 'forget-kept')).toEqual([])
  })
})

describe('the file of a message', () => {
  const withFile = sharedMessage(1, { file: FILE })
  const amendment = { room: ROOM, target: 'i1', nick: 'romeo', since: 0, atMs: 5, body: 'else' }

  test('is that of somebody who sends one, in the room or to us alone', () => {
    const beside = (xml: string): string => xml.replace('</message>', `${OOB}</message>`)
    const m = inRoom()

    expect(files(m.hear(beside(said('romeo', FILE.url, { id: 'm1', archiveId: 'a1' }))))).toEqual([{ url: FILE.url }])
    const [alone] = only(m.hear(beside(whispered('romeo', FILE.url, { id: 'w1' }))), 'append-private')
    expect(alone?.message.file).toEqual({ url: FILE.url })
    expect(files(m.hear(said('romeo', FILE.url, { id: 'm2', archiveId: 'a2' })))).toEqual([undefined])
  })

  test('is gone with what was retracted or moderated', () => {
    for (const kind of ['retraction', 'moderation'] as const) {
      const now = amended(withFile, { ...amendment, kind, target: 'a1', stanza: stanza('<message/>') })
      expect(now).toMatchObject({ body: '' })
      expect(now).not.toHaveProperty('file')
    }
  })

  test('is that of the correction, or none', () => {
    const correct = (inside: string) => {
      const correction = stanza(`<message>${inside}</message>`)
      const { said } = readSaid(correction, '')
      return amended(withFile, { ...amendment, kind: 'correction', stanza: correction, ...(said && { said }) })
    }

    expect(correct("<x xmlns='jabber:x:oob'><url>https://other.example/</url></x>")).toMatchObject({
      file: { url: 'https://other.example/' },
    })
    expect(correct('<body>else</body>')).toMatchObject({ body: 'else' })
    expect(correct('<body>else</body>')).not.toHaveProperty('file')
  })
})
