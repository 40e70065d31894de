import { expect, test } from 'vitest'
import type { PageOf } from '../../src/broker/archive-pages.ts'
import { OwnArchive } from '../../src/broker/own-archive.ts'
import type { ArchiveResult, ArchiveWish } from '../../src/protocol/xep-0313-mam.ts'
import { ACCOUNT } from '../support/fakes/room-xml.ts'
import { stanza } from '../support/fakes/xml.ts'

const ROMEO = 'romeo@montague.example'

/** An archive that gives these messages, whatever it is asked for. */
function archive(...messages: readonly string[]) {
  const asked: { readonly of: string; readonly wish: ArchiveWish }[] = []
  const results = messages.map(
    (xml, at): ArchiveResult => ({ queryId: 'q', id: `a${at}`, message: stanza(xml), stampMs: at }),
  )
  const pageOf = async <T>(
    of: string,
    wish: ArchiveWish,
    read: (result: ArchiveResult) => T | undefined,
  ): Promise<PageOf<T>> => {
    asked.push({ of, wish })
    return { messages: results.flatMap((each) => read(each) ?? []), edge: undefined, complete: true }
  }
  const own = new OwnArchive({ ownJid: () => ACCOUNT, pages: { pageOf }, store: { places: async () => new Map() } })
  return { own, asked }
}

test('a page of a chat is asked of the account’s own archive, and holds nothing of other chats', async () => {
  const said = (from: string) =>
    `<message from='${from}/x' to='${ACCOUNT}' type='chat'><body>hi ${from}</body></message>`
  const { own, asked } = archive(said(ROMEO), said('nurse@capulet.example'))

  const page = await own.page(ROMEO, { max: 10, before: '' })

  expect(asked).toEqual([{ of: ACCOUNT, wish: { max: 10, before: '', with: ROMEO } }])
  expect(page).toMatchObject({ messages: [{ body: `hi ${ROMEO}`, archiveId: 'a0', delayMs: 0 }] })
})

test('what is behind nothing is the newest', async () => {
  const { own, asked } = archive()

  await own.behind(undefined)

  expect(asked).toEqual([{ of: ACCOUNT, wish: { max: 50, before: '' } }])
})
