// The demo for people who do not see it, or do not point.
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { faultsOf } from '../support/axe.ts'
import { launchChromium } from '../support/browser/chromium.ts'
import { Demo, GREETING, Person } from '../support/demo.ts'
import { ensurePrograms } from '../support/install.ts'

let browser: Browser
let demo: Demo
let address: string

beforeAll(async () => {
  await ensurePrograms(['prosody'], { say: (line) => process.stderr.write(`${line}\n`) })
  browser = await launchChromium()
  demo = new Demo()
  address = await demo.address()
}, 600_000)

afterAll(async () => {
  await browser?.close()
  await demo?.[Symbol.asyncDispose]()
})

const MOST_TABS = 60

/** Tab, again and again, until it is there; and somebody who looks sees that it is. */
async function tabTo(page: Page, wanted: Locator): Promise<void> {
  await wanted.waitFor()
  for (let times = 0; times < MOST_TABS; times++) {
    await page.keyboard.press('Tab')
    if (await wanted.evaluate((element) => element === document.activeElement)) return expectVisibleFocus(page)
  }
  throw new Error(`${wanted} is not reached by Tab`)
}

async function expectVisibleFocus(page: Page): Promise<void> {
  const outline = await page.evaluate(() => {
    const element = document.activeElement
    const shown = element?.closest('.composer-box') ?? element
    return shown ? getComputedStyle(shown).outlineStyle : 'none'
  })
  expect(outline).not.toBe('none')
}

test('by the keyboard alone: sign in, join, write, react, look who is there, and leave', async () => {
  const context = await browser.newContext({ viewport: { width: 900, height: 700 } })
  await using juliet = new Person(context)
  const page = await juliet.open(address)
  const { keyboard } = page

  await tabTo(page, page.getByRole('button', { name: 'Continue as Juliet' }))
  await keyboard.press('Enter')
  await tabTo(page, page.getByRole('button', { name: 'Join orchard' }))
  await keyboard.press('Enter')
  await page.getByText(GREETING).waitFor()

  const field = page.getByRole('textbox', { name: 'Message to orchard' })
  await expect.poll(() => field.evaluate((element) => element === document.activeElement)).toBe(true)
  await keyboard.type('Without a mouse')
  await keyboard.press('Enter')
  const mine = page.locator('[data-message]').filter({ hasText: 'Without a mouse' })
  await mine.waitFor()

  // Back from the field, past the files, to the newest message, up to one of others, and to what can be done with that.
  await keyboard.press('Shift+Tab')
  await keyboard.press('Shift+Tab')
  expect(await mine.evaluate((element) => element === document.activeElement)).toBe(true)
  await expectVisibleFocus(page)
  await keyboard.press('Home')
  const first = page.locator('[data-message]').filter({ hasText: GREETING })
  expect(await first.evaluate((element) => element === document.activeElement)).toBe(true)
  await keyboard.press('Tab')
  await keyboard.press('Enter')
  await keyboard.press('ArrowRight')
  await keyboard.press('Enter')
  await page.getByRole('button', { name: '❤️ 1 by Juliet' }).waitFor()

  await tabTo(page, page.getByRole('button', { name: 'People: 1' }))
  await keyboard.press('Enter')
  const people = page.getByRole('complementary', { name: 'People' })
  await people.waitFor()
  await keyboard.press('Escape')
  await people.waitFor({ state: 'hidden' })
  const opener = page.getByRole('button', { name: 'People: 1' })
  expect(await opener.evaluate((element) => element === document.activeElement)).toBe(true)

  await tabTo(page, page.getByRole('button', { name: 'Room', exact: true }))
  await keyboard.press('Enter')
  await keyboard.press('End')
  await keyboard.press('Enter')
  await page.getByRole('button', { name: 'Join orchard' }).waitFor()
})

test('what others say is told to those who do not see it', async () => {
  await using juliet = new Person(await browser.newContext())
  await using romeo = new Person(await browser.newContext())
  const page = await juliet.enter(address, 'Juliet')
  const other = await romeo.enter(address, 'Romeo')

  await other.getByRole('textbox', { name: 'Message to orchard' }).fill('But soft')
  await other.keyboard.press('Enter')

  await page.locator('[aria-live="polite"]').getByText('Romeo: But soft').waitFor()
})

/** Nobody has been there: a room for each run. */
let tomb = ''

/** The states of the page, one after the other. */
const STATES: readonly { readonly name: string; readonly reach: (page: Page) => Promise<void> }[] = [
  { name: 'the sign-in', reach: (page) => page.getByRole('button', { name: 'Continue as Juliet' }).waitFor() },
  {
    name: 'the welcome',
    reach: async (page) => {
      await page.getByRole('button', { name: 'Continue as Juliet' }).click()
      await page.getByRole('button', { name: 'Join orchard' }).waitFor()
    },
  },
  {
    name: 'a room',
    reach: async (page) => {
      await page.getByRole('button', { name: 'Join orchard' }).click()
      await page.getByText(GREETING).waitFor()
      await page.getByRole('textbox', { name: 'Message to orchard' }).fill('*Strong* words for Juliet, and `code`')
      await page.keyboard.press('Enter')
      await page.locator('strong').last().waitFor()
    },
  },
  {
    name: 'what can be done with a message',
    reach: async (page) => {
      await page.locator('[data-message]').filter({ hasText: GREETING }).hover()
      await page.getByRole('button', { name: 'React' }).click()
      await page.getByRole('button', { name: 'party' }).waitFor()
    },
  },
  {
    name: 'a message with reactions, and a reply to it',
    reach: async (page) => {
      const pressed = page.getByRole('button', { name: '🎉 1 by Juliet' })
      if (!(await pressed.isVisible())) await page.getByRole('button', { name: 'party' }).click()
      await pressed.waitFor()
      await page.keyboard.press('Escape')
      await page.locator('[data-message]').filter({ hasText: GREETING }).hover()
      await page.getByRole('button', { name: 'Reply', exact: true }).click()
      await page.getByText('Reply to Nurse').waitFor()
    },
  },
  {
    name: 'the search',
    reach: async (page) => {
      await page.getByRole('button', { name: 'Cancel' }).click()
      await page.getByRole('button', { name: 'Search' }).click()
      await page.getByLabel('Words, or how they begin').fill('garden')
      await page.getByRole('button', { name: /Nurse in orchard/ }).waitFor()
    },
  },
  {
    name: 'the settings',
    reach: async (page) => {
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: 'Room', exact: true }).click()
      await page.getByRole('button', { name: 'Settings of this room' }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'the settings of this browser',
    reach: async (page) => {
      await page.keyboard.press('Escape')
      await openSidebar(page)
      await page.getByRole('button', { name: 'Account', exact: true }).click()
      await page.getByRole('button', { name: 'Settings', exact: true }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'the rooms to find',
    reach: async (page) => {
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: 'Find rooms' }).click()
      await page
        .getByRole('dialog')
        .getByRole('button', { name: /orchard/ })
        .waitFor()
    },
  },
  {
    name: 'a new room',
    reach: async (page) => {
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: 'New room' }).click()
      await page.getByRole('dialog', { name: 'A new room' }).waitFor()
    },
  },
  {
    name: 'the rooms and the people',
    reach: async (page) => {
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
    },
  },
  {
    name: 'the door of a room',
    reach: async (page) => {
      await page.keyboard.press('Escape')
      await page.evaluate((room) => {
        location.hash = room
      }, `#${tomb}@muc.localhost`)
      await page.getByRole('button', { name: `Join ${tomb}` }).waitFor()
    },
  },
  {
    name: 'an empty room',
    reach: async (page) => {
      await page.getByRole('button', { name: `Join ${tomb}` }).click()
      await page.getByText(`Nothing has been said in ${tomb} yet.`).waitFor()
    },
  },
  {
    name: 'a file and a picture',
    reach: async (page) => {
      const files = page.locator('.composer input[type="file"]')
      await files.setInputFiles({ name: 'letter.pdf', mimeType: 'application/pdf', buffer: Buffer.from('A letter') })
      await page
        .getByRole('link', { name: /^letter.pdf/ })
        .last()
        .waitFor()
      await files.setInputFiles({ name: 'tomb.png', mimeType: 'image/png', buffer: await page.screenshot() })
      await page.getByRole('img', { name: 'tomb.png' }).last().waitFor()
    },
  },
  {
    name: 'the question whom to write to',
    reach: async (page) => {
      await openSidebar(page)
      await page.getByRole('button', { name: 'Write to somebody' }).click()
      await page.getByLabel('Their address').fill('romeo')
    },
  },
  {
    name: 'a direct talk',
    reach: async (page) => {
      await page.getByRole('button', { name: 'Write', exact: true }).click()
      await page.getByRole('textbox', { name: 'Message to Romeo' }).fill('Good night')
      await page.keyboard.press('Enter')
      await page.locator('[data-message]').filter({ hasText: 'Good night' }).last().waitFor()
    },
  },
]

/** On a narrow page it is a drawer. */
async function openSidebar(page: Page): Promise<void> {
  const opener = page.getByRole('button', { name: 'Rooms and account' })
  if (await opener.isVisible()) await opener.click()
}

test.each([
  ['light', 1280],
  ['dark', 1280],
  ['light', 390],
  ['dark', 390],
] as const)('axe finds nothing: %s, %i pixels wide', async (colorScheme, width) => {
  const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme })
  await using juliet = new Person(context)
  const page = await juliet.open(address)
  tomb = `tomb-${colorScheme}-${width}`

  for (const { name, reach } of STATES) {
    await reach(page)
    expect({ name, faults: await faultsOf(page) }).toEqual({ name, faults: [] })
  }
})

test('axe would find something', async () => {
  await using juliet = new Person(await browser.newContext())
  const page = await juliet.open(address)
  await page.getByRole('button', { name: 'Continue as Juliet' }).waitFor()

  await page.evaluate(() => document.querySelector('main')?.append(document.createElement('img')))

  expect((await faultsOf(page)).join()).toContain('image-alt')
})
