import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildSite } from '../../demo/serve/build.ts'
import { launchChromium } from '../support/browser/chromium.ts'
import { serveFolder } from '../support/browser/folder-site.ts'
import { Demo, Person } from '../support/demo.ts'

const ROOM = 'orchard@rooms.minimix.example'
const folder = mkdtempSync(join(tmpdir(), 'minimix-static-'))
let browser: Browser

beforeAll(async () => {
  ;[browser] = await Promise.all([launchChromium(), buildSite(folder)])
}, 300_000)

afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true, force: true })
})

const say = async (page: Page, body: string): Promise<void> => {
  await page.getByRole('textbox', { name: /^Message to / }).fill(body)
  await page.keyboard.press('Enter')
}

/** Three tabs of one person, in the room. */
async function threeTabs(person: Person, address: string): Promise<[Page, Page, Page]> {
  const first = await person.enter(address, 'Juliet')
  const second = await person.openAnother(first)
  const third = await person.open(`${address}#${ROOM}`)
  await third.getByText('The garden gate is open.').waitFor()
  return [first, second, third]
}

test('a static site without a server: three tabs are one person, all see what one says, and people live there', async () => {
  await using site = await serveFolder(folder)
  await using juliet = new Person(await browser.newContext())

  const tabs = await threeTabs(juliet, `${site.origin}/`)
  const [first, second] = tabs
  await say(first, 'Three windows, one light')

  for (const tab of tabs) await tab.getByText('Three windows, one light', { exact: true }).waitFor()
  for (const row of ['Connections 1 3', 'Joins 1 3'])
    await second.getByRole('row', { name: row, exact: true }).waitFor()
  // One of them greets who came, and one answers who spoke.
  for (const tab of tabs) await tab.getByText('Welcome, Juliet!', { exact: true }).waitFor()
  for (const tab of tabs)
    await tab
      .getByText(/^Juliet: |^Hello, Juliet/)
      .first()
      .waitFor()
})

test('it says that it is a demonstration, and what to sign in with is there already', async () => {
  await using site = await serveFolder(folder)
  await using juliet = new Person(await browser.newContext())

  const page = await juliet.open(`${site.origin}/`)
  await page.getByText('This is a demonstration without a server').waitFor()
  expect(await page.getByLabel('Address', { exact: true }).inputValue()).toBe('juliet@minimix.example')
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()

  await page.getByRole('button', { name: 'Join orchard' }).waitFor()
})

test('a reloaded tab was in the room all the time', async () => {
  await using site = await serveFolder(folder)
  await using juliet = new Person(await browser.newContext())
  const [first, second] = await threeTabs(juliet, `${site.origin}/`)

  await say(first, 'Before')
  await second.reload()

  await second.getByText('Before', { exact: true }).waitFor()
  expect(await first.getByText('Juliet came in').count()).toBe(0)
})

test('no byte leaves the page but for its own files', async () => {
  await using site = await serveFolder(folder)
  const context = await browser.newContext()
  await using juliet = new Person(context)
  const elsewhere: string[] = []
  context.on('request', (request) => {
    if (!request.url().startsWith(site.origin)) elsewhere.push(request.url())
  })
  const sockets: string[] = []
  context.on('page', (page) => page.on('websocket', (socket) => sockets.push(socket.url())))

  const [first] = await threeTabs(juliet, `${site.origin}/`)
  await say(first, 'Between us')
  await first.getByText('Between us', { exact: true }).waitFor()

  expect(elsewhere).toEqual([])
  expect(sockets).toEqual([])
})

test('`npm run demo -- --memory` needs no server either, and its debug page finds the tabs', async () => {
  await using demo = new Demo('--memory')
  const address = await demo.address()
  await using juliet = new Person(await browser.newContext())

  const [first] = await threeTabs(juliet, address)
  await say(first, 'Nobody here but us')
  await first.getByText('Nobody here but us', { exact: true }).waitFor()
  const debug = await juliet.open(`${address}debug.html`)

  await debug.getByRole('heading', { name: 'Tabs (4)' }).waitFor()
  expect((await demo.folders()).length).toBe(1)
})

test('where no server can be had the demo says so, and goes on without one', async () => {
  const { PROSODY } = process.env
  process.env['PROSODY'] = '/nowhere/prosody'
  await using demo = new Demo()
  if (PROSODY === undefined) delete process.env['PROSODY']
  else process.env['PROSODY'] = PROSODY
  const address = await demo.address()

  expect(demo.lines.join('\n')).toMatch(/\/nowhere\/prosody[\s\S]*So the demo goes on without a server/)
  expect(await (await fetch(`${address}demo/config.json`)).json()).toMatchObject({ memory: true })
})
