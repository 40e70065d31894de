// XEP-0085; XEP-0363, XEP-0447 and XEP-0066.
import { createHash } from 'node:crypto'
import { expect } from 'expect'
import type { Tab } from '../../support/browser/tab.ts'
import { type Element, el, type RawClient } from '../../support/raw-client.ts'
import { startUploadDoor, type UploadDoor } from '../../support/upload-door.ts'
import { type Case, conform, type Setting } from '../case.ts'
import { pairWith } from '../chats-steps.ts'
import { bareJid, NICK, only, pairIn, refused, settle, tabsIn, untilTabsAre } from '../steps.ts'
import { sent } from '../wire.ts'

const NS_STATES = 'http://jabber.org/protocol/chatstates'
const STATES = ['active', 'composing', 'paused', 'inactive', 'gone']

const stateOf = (stanza: Element): string | undefined => STATES.find((state) => stanza.getChild(state, NS_STATES))

/** What Bob saw the account do since a mark: its chat states, and with a `+` those of messages with words. */
const seenBy = (client: RawClient, { room }: Setting, since: number): string[] =>
  client.received(since).flatMap((stanza) => {
    const state = stanza.is('message') && stanza.attrs['from'] === `${room}/Juliet` ? stateOf(stanza) : undefined
    return state === undefined ? [] : [`${stanza.getChild('body') ? '+' : ''}${state}`]
  })

function does(client: RawClient, room: string, state: string): void {
  client.send(el('message', { to: room, type: 'groupchat' }, el(state, { xmlns: NS_STATES })))
}

const typing: readonly Case[] = [
  conform(
    'Y01',
    'Of two tabs that type others see one composing, and one paused when the last of them has stopped.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await pairIn(setting)
      const seen = bob.mark()

      await Promise.all([first.room(room, 'setTyping', true), second.room(room, 'setTyping', true)])
      await first.room(room, 'setTyping', true)
      await first.room(room, 'setTyping', false)
      await settle(setting)
      expect(seenBy(bob, setting, seen)).toEqual(['composing'])
      await second.room(room, 'setTyping', false)
      await settle(setting)

      expect(seenBy(bob, setting, seen)).toEqual(['composing', 'paused'])
      const inArchive = await first.room(room, 'history', { limit: 50 })
      expect(inArchive.messages).toEqual([])
    },
  ),

  conform(
    'Y02',
    'Who types is told to both tabs, and to one that comes then; and that nobody does 30 s after the last word of it.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await pairIn(setting)

      does(bob, room, 'composing')
      for (const tab of [first, second]) await tab.sees({ room, name: 'typing', event: { nicks: ['Bob'] } })
      const third = await setting.tab()
      await third.join(room, NICK)
      expect((await third.state(room)).typing).toEqual(['Bob'])
      await first.advance(30_000)

      for (const tab of [first, second, third]) {
        await tab.sees({ room, name: 'typing', event: { nicks: [] } })
        expect((await tab.state(room)).typing).toEqual([])
      }
      expect(only(await first.told(room), 'typing')).toHaveLength(2)
    },
    { clock: true },
  ),

  conform('Y03', 'Who types has stopped when they stop, say something, or leave.', async (setting) => {
    const { room, bob } = setting
    const [first, second] = await pairIn(setting)
    const nobody = { room, name: 'typing', event: { nicks: [] } }

    for (const stop of [() => does(bob, room, 'paused'), () => bob.say(room, 'there'), () => bob.leave(room, 'Bob')]) {
      const marks = [await first.mark(), await second.mark()]
      does(bob, room, 'composing')
      await first.sees({ room, name: 'typing', event: { nicks: ['Bob'] } }, { since: marks[0] ?? 0 })
      await stop()
      for (const [at, tab] of [first, second].entries()) await tab.sees(nobody, { since: marks[at] ?? 0 })
    }
  }),

  conform('Y04', 'A tab that dies while it types has stopped, and one that is left goes on.', async (setting) => {
    const { room, bob } = setting
    const [first, second] = await pairIn(setting)
    const seen = bob.mark()

    await first.room(room, 'setTyping', true)
    await first.close()
    await untilTabsAre(1, second)
    await settle(setting, second)

    expect(seenBy(bob, setting, seen)).toEqual(['composing', 'paused'])
  }),

  conform(
    'Y05',
    'What was typed is said as somebody who is active, and a tab that types on is composing again.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await pairIn(setting)
      const seen = bob.mark()

      await first.room(room, 'setTyping', true)
      await first.send(room, 'typed')
      await second.room(room, 'setTyping', true)
      await first.room(room, 'setTyping', true)
      await first.send(room, 'and this')
      await settle(setting)

      expect(seenBy(bob, setting, seen)).toEqual(['composing', '+active', 'composing', '+active', 'composing'])
    },
  ),

  conform('Y06', 'Nothing of it goes out while the connection is away, and then what is true.', async (setting) => {
    const { room, bob, wire } = setting
    const [first, second] = await pairIn(setting)
    await first.room(room, 'setTyping', true)
    await settle(setting)
    const [seen, mark, marks] = [bob.mark(), wire.frames.mark(), await second.mark()]

    wire.refuse(true)
    wire.cut({ how: 'reset' })
    await second.sees({ room, name: 'interrupted' }, { since: marks })
    await first.room(room, 'setTyping', false)
    await first.room(room, 'setTyping', true)
    await first.room(room, 'setTyping', false)
    wire.refuse(false)
    await second.sees({ room, name: 'resumed' }, { since: marks, ms: 20_000 })
    await settle(setting)

    expect(seenBy(bob, setting, seen)).toEqual(['paused'])
    expect(sent(wire, mark).filter((stanza) => stateOf(stanza) !== undefined)).toHaveLength(1)
  }),
]

const PHOTO = { name: 'photo.png', type: 'image/png', size: 3_000_000 }
const SMALL = { name: 'notes.txt', type: 'text/plain', size: 1_000 }

/** What a made-up file holds. */
const bytesOf = ({ size }: { readonly size: number }): Uint8Array =>
  Uint8Array.from({ length: size }, (_, at) => at % 251)
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64')

const NS_OOB = 'jabber:x:oob'

/** The messages about a file that Bob got since a mark. */
const filesAt = ({ bob, room }: Setting, since: number): Element[] =>
  bob.received(since).filter((s) => s.is('message') && s.attrs['from'] === `${room}/Juliet` && s.getChild('x', NS_OOB))

/** Those that were for him alone. */
const filesToBob = ({ bob, account }: Setting): Element[] =>
  bob
    .received(0)
    .filter((s) => s.is('message') && s.attrs['from']?.split('/', 1)[0] === account && s.getChild('x', NS_OOB))

const filesTold = async (tab: Tab, room: string) =>
  only(await tab.told(room), 'message').flatMap(({ event }) => (event.file ? [event] : []))

/** A case with a door for uploads. */
const atDoor =
  (run: (setting: Setting, door: UploadDoor) => Promise<void>) =>
  async (setting: Setting): Promise<void> => {
    await using door = await startUploadDoor(setting.wire)
    await run(setting, door)
  }

/** That file has arrived, once, in those tabs and at Bob. */
async function arrived(setting: Setting, since: number, tabs: readonly Tab[], name: string): Promise<void> {
  await setting.bob.waitFor((s) => filesAt(setting, since).includes(s), { what: 'the message about the file', since })
  for (const tab of tabs) await tab.sees({ room: setting.room, name: 'message', event: { file: { name } } })
  await settle(setting, ...tabs)
  expect(filesAt(setting, since)).toHaveLength(1)
  for (const tab of tabs) {
    expect((await filesTold(tab, setting.room)).map(({ file }) => file.name)).toEqual([name])
    expect(await tab.uploads()).toEqual([])
  }
}

const files: readonly Case[] = [
  conform(
    'Y20',
    'A file of 3 MB is uploaded and said: each tab sees how far it is, and the message with what it is; others can get it.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await pairIn(setting)
      const seen = bob.mark()

      const { message, progress } = await first.sendFile(room, PHOTO, { width: 640, height: 480 })
      await arrived(setting, seen, [first, second], PHOTO.name)

      const bytes = bytesOf(PHOTO)
      const { name, size, type: mediaType } = PHOTO
      expect(message.file).toEqual({
        url: expect.stringMatching(/^http:\/\/localhost:\d+\/.*photo\.png$/),
        ...{ name, size, mediaType, width: 640, height: 480, sha256: sha256(bytes) },
      })
      expect(message).toMatchObject({ body: message.file?.url, own: true, fromThisTab: true, state: 'delivered' })
      expect(progress.at(-1)).toBe(size)
      expect(progress).toEqual([...progress].sort((a, b) => a - b))
      for (const tab of [first, second]) {
        const uploads = (await tab.told()).filter(({ name }) => name === 'upload').map(({ event }) => event)
        expect(uploads.at(-1)).toMatchObject({ state: 'sent', upload: { room, name, size, sent: size } })
        expect(uploads.slice(0, -1).every(({ state }) => state === 'uploading')).toBe(true)
        expect((await filesTold(tab, room))[0]).toMatchObject({ file: message.file, fromThisTab: tab === first })
      }
      const url = filesAt(setting, seen)[0]?.getChild('x', NS_OOB)?.getChildText('url') ?? ''
      expect(filesAt(setting, seen)[0]?.getChildText('body')).toBe(url)
      const got = new Uint8Array(await (await fetch(url)).arrayBuffer())
      expect(sha256(got)).toBe(sha256(bytes))
    },
  ),

  conform(
    'Y21',
    'A file that is bigger than the server takes is refused at once, with the limit, and nothing is asked for it.',
    async (setting) => {
      const { room, bob, wire } = setting
      const [first, second] = await pairIn(setting)
      const [seen, mark] = [bob.mark(), wire.frames.mark()]

      const error = await refused(first.sendFile(room, { ...PHOTO, size: 10_485_761 }))
      await settle(setting)

      expect(error).toMatchObject({ code: 'not-acceptable', facts: { retry: false } })
      expect(error.facts['text']).toContain('10485760')
      expect(sent(wire, mark).filter((stanza) => stanza.getChild('request', 'urn:xmpp:http:upload:0'))).toEqual([])
      expect(filesAt(setting, seen)).toEqual([])
      await second.sees({ name: 'upload', event: { state: 'failed' } })
      for (const tab of [first, second]) expect(await tab.uploads()).toEqual([])
    },
  ),

  conform(
    'Y22',
    'A file arrives, once, where the tab that sent it is closed in the middle of its upload.',
    atDoor(async (setting, door) => {
      const { room, bob } = setting
      const [first, second] = await pairIn(setting)
      const seen = bob.mark()
      door.fates = ['hold']

      const sending = first.sendFile(room, PHOTO).catch(() => undefined) // its page is closed
      await door.untilSeen(1)
      expect(await second.uploads()).toMatchObject([{ name: PHOTO.name, room }])
      await first.close()
      await sending
      await untilTabsAre(1, second)
      expect(door.seen[0]?.broken).toBe(false)
      door.release()

      await arrived(setting, seen, [second], PHOTO.name)
      expect(door.seen).toHaveLength(1)
    }),
  ),

  conform(
    'Y23',
    'A file arrives, once, where the worker is killed in the middle of its upload: the next one begins it anew, and the call of the tab ends with it.',
    atDoor(async (setting, door) => {
      const { room, bob } = setting
      const [first, second] = await pairIn(setting)
      const seen = bob.mark()
      door.fates = ['hold']

      const sending = first.sendFile(room, PHOTO, { body: 'look' })
      await door.untilSeen(1)
      await first.killWorker()
      const { message } = await sending

      expect(message.file).toMatchObject({ name: PHOTO.name, size: PHOTO.size })
      expect(message.body).toBe(`look\n${message.file?.url}`)
      await arrived(setting, seen, [first, second], PHOTO.name)
      expect(door.seen).toHaveLength(2)
    }),
    { mortal: true, deadlineMs: 60_000 },
  ),

  conform(
    'Y24',
    'A file arrives, once, where all tabs are closed in the middle of its upload and the account comes back later.',
    atDoor(async (setting, door) => {
      const { room, bob } = setting
      const [first] = await tabsIn(setting, 1)
      const seen = bob.mark()
      door.fates = ['hold']

      const sending = first?.sendFile(room, SMALL).catch(() => undefined) // its page is closed
      await door.untilSeen(1)
      await first?.close()
      await sending
      const later = await setting.tab()
      door.release()
      await later.join(room, NICK)

      await arrived(setting, seen, [later], SMALL.name)
    }),
    { deadlineMs: 60_000 },
  ),

  conform(
    'Y29',
    'Without SharedWorker a file arrives, once, where its tab is closed in the middle of the upload and its session is over: the next tab puts it anew, and says it when it is in the room.',
    atDoor(async (setting, door) => {
      const { room, bob } = setting
      const [first] = await setting.tabs(1, { sharedWorker: 'never' })
      await first?.join(room, NICK)
      const seen = bob.mark()
      door.fates = ['hold']

      const sending = first?.sendFile(room, PHOTO).catch(() => undefined) // its page is closed
      await door.untilSeen(1)
      await first?.close()
      await sending
      const later = await setting.tab({ sharedWorker: 'never' })
      await door.untilSeen(2)
      await later.sees({ name: 'upload', event: { upload: { name: PHOTO.name, sent: PHOTO.size } } })
      expect(filesAt(setting, seen)).toEqual([])
      await later.join(room, NICK)

      await arrived(setting, seen, [later], PHOTO.name)
      expect(door.seen).toHaveLength(2)
    }),
    { resumes: false, deadlineMs: 60_000 },
  ),

  conform(
    'Y25',
    'A file that the server refuses is not said, and the tab that sent it is told why.',
    atDoor(async (setting, door) => {
      const { room, bob } = setting
      const [first, second] = await pairIn(setting)
      const seen = bob.mark()

      const codes: string[] = []
      for (const status of [403, 413, 404]) {
        door.fates = [{ status }]
        codes.push((await refused(first.sendFile(room, SMALL))).code)
      }
      await settle(setting)

      expect(codes).toEqual(['forbidden', 'not-acceptable', 'stanza-error'])
      expect(door.seen).toHaveLength(3)
      expect(filesAt(setting, seen)).toEqual([])
      for (const tab of [first, second]) expect(await tab.uploads()).toEqual([])
    }),
  ),

  conform(
    'Y26',
    'A file whose server leads elsewhere is not said; one whose server is away for a moment is.',
    atDoor(async (setting, door) => {
      const { room, bob } = setting
      const [first, second] = await pairIn(setting)
      const seen = bob.mark()

      door.fates = ['elsewhere', { status: 503 }]
      const error = await refused(first.sendFile(room, SMALL))
      await first.sendFile(room, SMALL)

      expect(error).toMatchObject({ code: 'stanza-error', facts: { text: 'the server leads elsewhere' } })
      expect(door.seen.map(({ path }) => path === '/elsewhere')).toEqual([false, true, false, false])
      await arrived(setting, seen, [first, second], SMALL.name)
    }),
  ),

  conform(
    'Y27',
    'A file is given up by the tab that sent it, or by another one: its upload is broken off, and nothing is said.',
    atDoor(async (setting, door) => {
      const { room, bob } = setting
      const [first, second] = await pairIn(setting)
      const seen = bob.mark()
      door.fates = ['hold', 'hold']

      const own = refused(first.sendFile(room, PHOTO))
      await door.untilSeen(1)
      await first.abortFile()
      expect((await own).code).toBe('aborted')
      await door.untilBroken(0)
      const others = refused(first.sendFile(room, PHOTO))
      await door.untilSeen(2)
      const [upload] = await second.uploads()
      expect(await second.account('cancelUpload', upload?.id ?? '')).toBe(true)
      expect((await others).code).toBe('aborted')
      await door.untilBroken(1)
      await settle(setting)

      expect(filesAt(setting, seen)).toEqual([])
      expect(await second.account('cancelUpload', upload?.id ?? '')).toBe(false)
      for (const tab of [first, second]) expect(await tab.uploads()).toEqual([])
    }),
  ),

  conform('Y28', 'Of a server that takes no files the tab is told so.', async (setting) => {
    const { room, wire } = setting
    const [first] = await pairIn(setting)
    wire.rule(({ dir, text }) =>
      dir === 'down' && text.includes('urn:xmpp:http:upload:0')
        ? { replace: text.replaceAll('urn:xmpp:http:upload:0', 'urn:example:nothing') }
        : 'pass',
    )

    const error = await refused(first.sendFile(room, SMALL))

    expect(error).toMatchObject({ code: 'stanza-error', facts: { condition: 'feature-not-implemented' } })
  }),

  conform(
    'Y30',
    'A file of 3 MB to one person is uploaded and said to them alone: each tab sees how far it is, and has the message, once.',
    async (setting) => {
      const { bob } = setting
      const [first, second] = await pairWith(setting)
      const jid = bareJid(bob)

      const { message, progress } = await first.sendFileTo(jid, PHOTO)
      const got = await bob.waitFor((s) => filesToBob(setting).includes(s), { what: 'the message about the file' })
      await settle(setting, first, second)

      const { name, size, type: mediaType } = PHOTO
      const url = got.getChild('x', NS_OOB)?.getChildText('url') ?? ''
      expect(got.attrs['type']).toBe('chat')
      expect(got.getChildText('body')).toBe(url)
      expect(got.getChild('file-sharing', 'urn:xmpp:sfs:0')).toBeDefined()
      expect(sha256(new Uint8Array(await (await fetch(url)).arrayBuffer()))).toBe(sha256(bytesOf(PHOTO)))
      expect(message).toMatchObject({ room: jid, body: url, own: true, fromThisTab: true, state: 'sent' })
      expect(message.file).toEqual({ url, name, size, mediaType, sha256: sha256(bytesOf(PHOTO)) })
      expect(progress.at(-1)).toBe(size)
      for (const tab of [first, second]) {
        const uploads = (await tab.told()).filter(({ name }) => name === 'upload').map(({ event }) => event)
        expect(uploads.at(-1)).toMatchObject({ state: 'sent', upload: { room: jid, name, size, sent: size } })
        expect(await filesTold(tab, jid)).toMatchObject([{ file: message.file, fromThisTab: tab === first }])
        expect(await tab.uploads()).toEqual([])
      }
      expect(filesToBob(setting)).toHaveLength(1)
    },
  ),

  conform(
    'Y31',
    'A file to one person arrives, once, where the tab that sent it is closed in the middle of its upload, and where the worker is killed then, too.',
    atDoor(async (setting, door) => {
      const { bob } = setting
      const [first, second] = await setting.tabs(2)
      if (!first || !second) throw new Error('there are to be two tabs')
      const jid = bareJid(bob)
      door.fates = ['hold', 'hold']

      const sending = first.sendFileTo(jid, PHOTO).catch(() => undefined) // its page is closed
      await door.untilSeen(1)
      expect(await second.uploads()).toMatchObject([{ name: PHOTO.name, room: jid }])
      await first.close()
      await sending
      await untilTabsAre(1, second)
      expect(door.seen[0]?.broken).toBe(false)
      await second.killWorker()
      await door.untilSeen(2)
      door.release()
      await second.sees({ name: 'upload', event: { state: 'sent' } })
      await bob.waitFor((s) => filesToBob(setting).includes(s), { what: 'the message about the file' })
      await settle(setting, second)

      expect(filesToBob(setting)).toHaveLength(1)
      expect(await second.chats()).toMatchObject({ [jid]: { newest: { file: { name: PHOTO.name } } } })
      expect(await second.uploads()).toEqual([])
    }),
    { mortal: true, deadlineMs: 60_000 },
  ),
]

export const typingAndFiles: readonly Case[] = [...typing, ...files]
