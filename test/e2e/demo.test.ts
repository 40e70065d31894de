import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchChromium } from '../support/browser/chromium.ts'
import { DEADLINE_MS, Demo, GREETING, Person } from '../support/demo.ts'
import { ensurePrograms } from '../support/install.ts'
import { untilGone } from '../support-tests/processes.ts'

let browser: Browser

beforeAll(async () => {
  await ensurePrograms(['prosody'], { say: (line) => process.stderr.write(`${line}\n`) })
  browser = await launchChromium()
}, 600_000)

afterAll(() => browser?.close())

const say = async (page: Page, body: string): Promise<void> => {
  await page.getByRole('textbox', { name: 'Message to orchard' }).fill(body)
  await page.keyboard.press('Enter')
}

const leave = async (page: Page, where: string): Promise<void> => {
  await page.bringToFront()
  await page.getByRole('button', { name: 'Room', exact: true }).click()
  await page.getByRole('button', { name: where }).click()
}

const detach = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: 'Account', exact: true }).click()
  await page.getByRole('button', { name: 'Detach this tab' }).click()
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
}

test('three tabs are one person: one connection, one join, and all see what one says', async () => {
  await using demo = new Demo()
  const address = await demo.address()
  await using juliet = new Person(await browser.newContext())

  const first = await juliet.enter(address, 'Juliet')
  const second = await juliet.openAnother(first)
  const third = await juliet.open(`${address}#orchard@muc.localhost`)
  await third.getByText(GREETING).waitFor()
  await say(first, 'Three windows, one light')

  for (const tab of [first, second, third]) await tab.getByText('Three windows, one light').waitFor()
  for (const row of ['Connections 1 3', 'Joins 1 3']) await first.getByRole('row', { name: row, exact: true }).waitFor()
  await first.getByText('Together: counted in front of the server').waitFor()
  const figures: unknown = await (await fetch(`${address}demo/figures`)).json()
  expect(figures).toMatchObject({ 'juliet@localhost': { connections: 1, joins: 1 } })
})

test('a tab that leaves takes no other with it, and the room sees only the last one go', async () => {
  await using demo = new Demo()
  const address = await demo.address()
  await using juliet = new Person(await browser.newContext())
  await using romeo = new Person(await browser.newContext())
  const witness = await romeo.enter(address, 'Romeo')
  const first = await juliet.enter(address, 'Juliet')
  const second = await juliet.openAnother(first)
  await witness.getByText('Juliet came in').waitFor()

  await leave(first, 'Leave in this tab')
  await first.getByRole('link', { name: 'orchard in other tabs' }).waitFor()
  await say(second, 'I am still here')
  await witness.getByText('I am still here', { exact: true }).waitFor()
  expect(await witness.getByText('Juliet left').count()).toBe(0)

  await leave(second, 'Leave everywhere')
  await witness.getByText('Juliet left').waitFor()
})

test('a reloaded tab comes back into its room without a password, and a detached one does not', async () => {
  await using demo = new Demo()
  await using juliet = new Person(await browser.newContext())
  const first = await juliet.enter(await demo.address(), 'Juliet')
  const second = await juliet.openAnother(first)

  await second.reload()
  await second.getByText(GREETING).waitFor()
  await detach(second)
  await second.reload()
  await second.getByRole('button', { name: 'Sign in' }).waitFor()
  await say(first, 'You need not go')
  await first.getByText('You need not go').waitFor()
})

test('the button opens a tab of the same account, even where another one signed in last', async () => {
  await using demo = new Demo()
  await using juliet = new Person(await browser.newContext())
  const first = await juliet.enter(await demo.address(), 'Juliet')
  const second = await juliet.openAnother(first)
  await detach(second)
  await second.getByRole('button', { name: 'Continue as Romeo' }).click()
  await second.getByText('romeo@localhost').waitFor()

  const third = await juliet.openAnother(first)

  await third.getByText('juliet@localhost').waitFor()
})

test('the first visit finds everything prepared, loads the page once and misses nothing', async () => {
  await using demo = new Demo()
  await using juliet = new Person(await browser.newContext())
  const page = await juliet.open('about:blank')
  const address = await demo.address()
  const before = await demo.prepared()
  const missed: string[] = []
  let visits = 0
  page.on('response', (response) => response.status() >= 400 && missed.push(response.url()))
  page.on('requestfailed', (request) => missed.push(request.url()))
  page.on('framenavigated', () => visits++)

  await page.goto(address)
  await page.getByRole('button', { name: 'Continue as Juliet' }).click()
  await page.getByRole('button', { name: 'Join orchard' }).click()
  await page.getByText(GREETING).waitFor()

  expect(missed).toEqual([])
  expect(visits).toBe(2) // the second is the room's name in the address
  expect(await demo.prepared()).toEqual(before)
  expect(before).toContain('comlink')
})

test('what somebody writes is text and never markup; a link in it leads away without a way back', async () => {
  await using demo = new Demo()
  const address = await demo.address()
  const { headers } = await fetch(address)
  expect(headers.get('content-security-policy')).toContain("require-trusted-types-for 'script'; trusted-types default")
  await using juliet = new Person(await browser.newContext())
  await using romeo = new Person(await browser.newContext())
  const page = await juliet.enter(address, 'Juliet')
  const other = await romeo.enter(address, 'Romeo')
  const written = '<img src=x onerror="document.title=1"><script>document.title=1</script><b id="bold">b</b>'

  await say(other, written)
  await say(other, 'See https://example.org/x and javascript:alert(1)')

  await page.getByText(written, { exact: true }).waitFor()
  const link = page.getByRole('link', { name: 'https://example.org/x' })
  expect(await link.getAttribute('rel')).toBe('noopener noreferrer')
  expect(await page.locator('#bold, [onerror], a[href^="javascript"], #app script').count()).toBe(0)
  expect(await page.title()).not.toBe('1')
})

test('the page has no way to take a text for markup or code, and vouches for no worker but its own', async () => {
  await using demo = new Demo()
  await using juliet = new Person(await browser.newContext())
  const page = await juliet.enter(await demo.address(), 'Juliet')
  juliet.forgive() // the browser says in the console what it does not do

  const outcomes = await page.evaluate(() => {
    const tried = (what: () => unknown): string => {
      try {
        what()
        return 'done'
      } catch (error) {
        return error instanceof Error ? error.name : String(error)
      }
    }
    const run = document.createElement('script')
    return [
      tried(() => Object.assign(document.createElement('p'), { innerHTML: '<b>b</b>' })),
      tried(() => document.body.insertAdjacentHTML('beforeend', '<b>b</b>')),
      tried(() => Object.assign(run, { text: 'document.title = 1' })),
      tried(() => new DOMParser().parseFromString('<b>b</b>', 'text/html')),
      tried(() => new SharedWorker('https://example.org/worker.js')),
      tried(() => document.createElement('p').append('<b>b</b>')),
    ]
  })

  expect(outcomes).toEqual(['TypeError', 'TypeError', 'TypeError', 'TypeError', 'TypeError', 'done'])
})

test('Ctrl-C ends the chat server, deletes what was written, and exits 0', async () => {
  await using demo = new Demo()
  await using juliet = new Person(await browser.newContext())
  await juliet.enter(await demo.address(), 'Juliet')
  const pid = await demo.prosody()
  expect(await demo.folders()).toHaveLength(1)

  juliet.forgive()
  demo.interrupt()
  expect(await demo.ended).toBe(0)
  await untilGone(pid, DEADLINE_MS)
  expect(await demo.folders()).toEqual([])
})

test('a port that is taken is one line of words, and the exit code 1', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const address = other.address()
  const port = typeof address === 'object' ? address?.port : undefined

  await using demo = new Demo('--port', String(port))

  expect(await demo.ended).toBe(1)
  other.close()
  expect(demo.lines).toEqual([expect.stringContaining(`Port ${port} is taken`)])
  expect(await demo.folders()).toEqual([])
})
