// Draws docs/three-tabs.png from the real demo: `npx tsx demo/picture.ts`.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { launchChromium } from '../test/support/browser/chromium.ts'
import { Demo, Person } from '../test/support/demo.ts'
import { RawClient } from '../test/support/raw-client.ts'

const PICTURE = join(import.meta.dirname, '../docs/three-tabs.png')
const ORCHARD = 'orchard@muc.localhost'
/** The first has room for the figures; the others are beside it. */
const WIDTHS = [800, 370, 370]
const HEIGHT = 640
const GAP = 20

const WORDS = [
  'What light through yonder window breaks?',
  'It is the *east*, and Juliet is the sun.',
  'See how she leans her cheek upon her hand.',
]

await using demo = new Demo()
const address = await demo.address()
await using browser = await launchChromium()

await using romeo = await RawClient.connect({
  url: `${address.replace('http', 'ws')}xmpp-websocket`,
  jid: 'romeo@localhost',
  password: 'demo',
  resource: 'garden',
})
await romeo.join(ORCHARD, 'Romeo')

const context = await browser.newContext({ viewport: { width: 800, height: HEIGHT } })
await using juliet = new Person(context)
const tabs = await threeTabs(juliet)
await writeFile(PICTURE, await together(context, await Promise.all(tabs.map((tab) => tab.screenshot()))))

/** One person in three windows: all show what was said in one of them. */
async function threeTabs(person: Person): Promise<readonly Page[]> {
  const first = await person.enter(address, 'Juliet')
  const second = await person.openAnother(first)
  const third = await person.openAnother(first)
  for (const body of WORDS) await romeo.say(ORCHARD, body)
  await react(second, 'It is the east', 'heart')
  const asked = second.locator('.message').filter({ hasText: 'What light' }).last()
  await asked.hover()
  await asked.getByRole('button', { name: 'Reply', exact: true }).click()
  await second.getByRole('textbox', { name: 'Message to orchard' }).fill('Mine, in three windows')
  await second.keyboard.press('Enter')
  for (const tab of [first, second, third]) {
    await tab.getByText('Mine, in three windows').waitFor()
    await tab.mouse.move(0, 0)
  }
  await first.getByText('3 tabs', { exact: true }).waitFor()
  await second.emulateMedia({ colorScheme: 'dark' })
  const tabs = [first, second, third]
  for (const [at, tab] of tabs.entries()) {
    await tab.setViewportSize({ width: WIDTHS[at] ?? 0, height: HEIGHT })
    await tab.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished)))
  }
  return tabs
}

async function react(tab: Page, words: string, emoji: string): Promise<void> {
  const message = tab.locator('.message').filter({ hasText: words }).last()
  await message.hover()
  await message.getByRole('button', { name: 'React' }).click()
  await message.getByRole('button', { name: emoji, exact: true }).click()
  await message.getByRole('button', { pressed: true }).waitFor()
}

/** The windows beside each other, on a page of their own. */
async function together(from: BrowserContext, windows: readonly Buffer[]): Promise<Buffer> {
  const page = await from.newPage()
  const width = WIDTHS.reduce((sum, each) => sum + each + GAP, GAP)
  await page.setViewportSize({ width, height: HEIGHT + 2 * GAP })
  const images = windows.map((png) => `<img src="data:image/png;base64,${png.toString('base64')}" alt="">`)
  await page.setContent(
    `<style>body { display: flex; gap: ${GAP}px; margin: ${GAP}px; background: #d9d5ca } img { border-radius: 12px }</style>${images.join('')}`,
  )
  return page.screenshot({ type: 'png' })
}
