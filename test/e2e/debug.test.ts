import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchChromium } from '../support/browser/chromium.ts'
import { Demo, Person } from '../support/demo.ts'
import { ensurePrograms } from '../support/install.ts'

let browser: Browser

beforeAll(async () => {
  await ensurePrograms(['prosody'], { say: (line) => process.stderr.write(`${line}\n`) })
  browser = await launchChromium()
}, 600_000)

afterAll(() => browser?.close())

const rowsOf = (page: Page, table: string) =>
  page
    .getByRole('region', { name: table })
    .getByRole('row')
    .filter({ hasNot: page.getByRole('columnheader') })

test('the debug page finds the tabs, the room and the log of the chat beside it, and hands all of it over', async () => {
  await using demo = new Demo()
  const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] })
  await using juliet = new Person(context)
  const chat = await juliet.enter(await demo.address(), 'Juliet')
  await juliet.openAnother(chat)

  const opening = context.waitForEvent('page')
  await chat.getByRole('link', { name: 'See inside' }).click()
  const debug = await opening

  await debug.getByRole('heading', { name: 'Tabs (3)' }).waitFor()
  await debug.getByText('juliet@localhost', { exact: true }).waitFor()
  await rowsOf(debug, 'Tabs').filter({ hasText: 'orchard' }).nth(1).waitFor()
  expect(await rowsOf(debug, 'Tabs').count()).toBe(3)
  const room = rowsOf(debug, 'Rooms').filter({ hasText: 'orchard@muc.localhost' })
  expect(await room.getByRole('cell').allTextContents()).toEqual(['in', 'Juliet', '1', '2', '–'])
  await debug.getByRole('region', { name: 'Stream' }).getByText('counted, can go on').waitFor()
  await debug.getByRole('listitem').filter({ hasText: 'online as juliet@localhost/' }).waitFor()

  await debug.getByRole('button', { name: 'Copy all as JSON' }).click()
  await debug.getByText('Copied').waitFor()
  const copied = await debug.evaluate(() => navigator.clipboard.readText())
  expect(JSON.parse(copied)).toMatchObject({ status: 'online', rooms: [{ jid: 'orchard@muc.localhost', tabs: 2 }] })
  expect(copied).not.toContain('garden gate')
})

test('the log is filtered by words and by level, with the keyboard alone', async () => {
  await using demo = new Demo()
  await using juliet = new Person(await browser.newContext())
  const address = await demo.address()
  await juliet.enter(address, 'Juliet')
  const debug = await juliet.open(`${address}debug.html`)
  const online = debug.getByRole('listitem').filter({ hasText: 'online as' })
  await online.waitFor()

  await debug.getByRole('searchbox', { name: 'With the words' }).focus()
  await debug.keyboard.type('no such words')
  await debug.getByText('No record.').waitFor()
  expect(await online.count()).toBe(0)
  await debug.getByRole('searchbox').fill('JULIET@ online')
  await online.waitFor()

  await debug.keyboard.press('Shift+Tab')
  await debug.keyboard.type('errors')
  await debug.getByText('No record.').waitFor()
  await debug.keyboard.press('End')
  await online.waitFor()
})

test('the page is new each second: a tab that comes and a tab that goes are seen', async () => {
  await using demo = new Demo()
  await using juliet = new Person(await browser.newContext())
  const chat = await juliet.enter(await demo.address(), 'Juliet')
  const debug = await juliet.open(`${new URL('debug.html?jid=juliet@localhost', chat.url()).href}`)
  await debug.getByRole('heading', { name: 'Tabs (2)' }).waitFor()

  const another = await juliet.openAnother(chat)
  await debug.bringToFront()
  await debug.getByRole('heading', { name: 'Tabs (3)' }).waitFor()
  await another.close()
  await debug.getByRole('heading', { name: 'Tabs (2)' }).waitFor()
})

test('where nobody is signed in it says so, and asks for no password', async () => {
  await using demo = new Demo()
  await using juliet = new Person(await browser.newContext())
  const address = await demo.address()
  const debug = await juliet.open(`${address}debug.html?jid=juliet@localhost`)
  await debug.getByRole('alert').filter({ hasText: 'No tab of juliet@localhost is signed in' }).waitFor()
  expect(await debug.locator('input[type=password]').count()).toBe(0)

  await juliet.enter(address, 'Juliet')
  await debug.bringToFront()
  await debug.getByRole('button', { name: 'Look inside' }).click()

  await debug.getByRole('heading', { name: 'Tabs (2)' }).waitFor()
})
