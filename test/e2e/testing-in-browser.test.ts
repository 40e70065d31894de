import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBareChromium } from '../support/browser/chromium.ts'
import { serveFolder } from '../support/browser/folder-site.ts'
import { ensureBuilt } from '../support/built.ts'

const folder = mkdtempSync(join(tmpdir(), 'minimix-in-browser-'))
let browser: Browser

/** What a browser's test of an application does, twice at the same time on the same page. */
const SCRIPT = `
import { fakeServer } from './testing.js'

async function scenario(word) {
  const server = fakeServer()
  const bob = server.room('garden@rooms.example').join('bob')
  const tabs = [await server.connect({ jid: 'juliet@example' }), await server.connect({ jid: 'juliet@example' })]
  const heard = []
  for (const account of tabs) {
    const room = account.room('garden@rooms.example')
    room.on('message', ({ nick, body }) => heard.push(nick + ': ' + body))
    await room.join({ nick: 'juliet' })
  }
  bob.say(word)
  await server.settled()
  const before = [...heard]
  server.interrupt()
  await server.settled()
  const status = tabs[0].status
  server.restore()
  await server.advance(60_000)
  await tabs[1].room('garden@rooms.example').send('back')
  await server.settled()
  const found = [before, status, tabs[0].status, heard.slice(before.length)]
  await server.close()
  return found
}
window.outcome = Promise.all([scenario('one'), scenario('two')])
`

beforeAll(async () => {
  ensureBuilt((line) => process.stderr.write(`${line}\n`))
  for (const file of ['index.js', 'testing.js', 'file-sending.js', 'pictures.js'])
    cpSync(join(import.meta.dirname, '../../dist', file), join(folder, file))
  writeFileSync(join(folder, 'index.html'), '<!doctype html><script type="module" src="./test.js"></script>')
  writeFileSync(join(folder, 'test.js'), SCRIPT)
  browser = await launchBareChromium()
}, 300_000)

afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true, force: true })
})

test('two fake servers on one page, with its own Web Locks, are nothing to each other', async () => {
  await using site = await serveFolder(folder)
  const page = await browser.newPage()
  const asked: string[] = []
  page.on('request', (request) => asked.push(new URL(request.url()).pathname))

  await page.goto(`${site.origin}/`)
  const outcome = await page.evaluate(() => (window as unknown as { outcome: Promise<unknown> }).outcome)

  const found = (word: string) => [
    [`bob: ${word}`, `bob: ${word}`],
    'interrupted',
    'online',
    ['juliet: back', 'juliet: back'],
  ]
  expect(outcome).toEqual([found('one'), found('two')])
  expect(asked.filter((path) => /worker/.test(path))).toEqual([])
})
