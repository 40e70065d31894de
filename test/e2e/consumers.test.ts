import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isJoin, sent } from '../conformance/wire.ts'
import { serveFolder } from '../support/browser/folder-site.ts'
import type { Site } from '../support/browser/site.ts'
import { Consumer, packInto } from '../support/consumer.ts'
import { PASSWORD, type Scene, type Stage, setStage } from '../support/stage.ts'

const WAY_MS = 20_000
const folder = mkdtempSync(join(tmpdir(), 'minimix-consumers-'))
let stage: Stage

beforeAll(async () => {
  await packInto(folder)
  stage = await setStage('prosody')
}, 600_000)

afterAll(async () => {
  await stage?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

/** One tab of the application, in the room. */
async function open(profile: BrowserContext, address: string, faults: string[]): Promise<Page> {
  const page = await profile.newPage()
  page.setDefaultTimeout(WAY_MS)
  page.on('pageerror', (error) => faults.push(String(error)))
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
  await page.goto(address)
  // What it says itself is a better answer than that it is not ready.
  const ready = await page
    .waitForFunction(() => document.title === 'in')
    .then(
      () => true,
      () => false,
    )
  expect(faults).toEqual([])
  expect(ready).toBe(true)
  return page
}

/** Opens the application twice, says something in one tab, and looks at both tabs and the wire. */
async function proveShared({ origin }: Site, scene: Scene): Promise<void> {
  const { account: jid, room, wire, profile } = scene
  const where = new URLSearchParams({ jid, room, service: wire.url, password: PASSWORD, nick: 'Juliet' })
  const faults: string[] = []

  const first = await open(profile, `${origin}/?${where}`, faults)
  const second = await open(profile, `${origin}/?${where}`, faults)
  await first.getByLabel('Message').fill('one for both')
  await first.keyboard.press('Enter')

  for (const tab of [first, second]) await tab.getByText('one for both').waitFor()
  for (const tab of [first, second]) expect(await tab.getByText('one for both').count()).toBe(1)
  expect(sent(wire).filter(isJoin)).toHaveLength(1)
  expect(wire.figures().connections).toBe(1)
  expect(faults).toEqual([])
}

test.each(['plain', 'esbuild', 'vite8', 'vite7', 'webpack5'])(
  'built by %s, two tabs are one join, and both see one message',
  async (name) => {
    const consumer = await Consumer.install(name, folder)
    await using site = await serveFolder(await consumer.build())
    await using scene = await stage.scene()

    await proveShared(site, scene)
  },
  180_000,
)

test.each(['vite8', 'vite7'])(
  'served by the development server of %s, two tabs are one join, and both see one message',
  async (name) => {
    const consumer = await Consumer.install(name, folder)
    await using site = await consumer.develop()
    await using scene = await stage.scene()

    await proveShared(site, scene)
  },
  180_000,
)
