// What a person does in the demo, from sign-in to sign-out: in three tabs, with somebody else outside.
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchChromium } from '../support/browser/chromium.ts'
import { Demo, Person } from '../support/demo.ts'
import { ensurePrograms } from '../support/install.ts'
import { bare, type Element, el, RawClient } from '../support/raw-client.ts'

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

const MUC = 'muc.localhost'
const NS_USER = 'http://jabber.org/protocol/muc#user'
const NS_STATES = 'http://jabber.org/protocol/chatstates'

/** Romeo, by another program. */
const outsider = (): Promise<RawClient> =>
  RawClient.connect({
    url: `${address.replace('http', 'ws')}xmpp-websocket`,
    jid: 'romeo@localhost',
    password: 'demo',
    resource: crypto.randomUUID(),
  })

/** Signed in, and in a room of that name. */
async function enter(person: Person, room: string): Promise<Page> {
  const page = await person.open(`${address}#${room}@${MUC}`)
  await page.getByRole('button', { name: 'Continue as Juliet' }).click()
  await page.getByRole('button', { name: `Join ${room}` }).click()
  await fieldIn(page).waitFor()
  return page
}

/** Tabs of one person in one room. */
async function tabsIn(person: Person, room: string, count: number): Promise<readonly Page[]> {
  const first = await enter(person, room)
  const others = await Promise.all(Array.from({ length: count - 1 }, () => person.open(`${address}#${room}@${MUC}`)))
  for (const other of others) await fieldIn(other).waitFor()
  return [first, ...others]
}

const fieldIn = (page: Page): Locator => page.getByRole('textbox', { name: /^Message to / })

async function say(page: Page, words: string): Promise<void> {
  await fieldIn(page).fill(words)
  await page.keyboard.press('Enter')
  await messageIn(page, words).waitFor()
}

const messageIn = (page: Page, words: string): Locator =>
  page.locator('[data-message]').filter({ hasText: words }).last()

/** What can be done with a message. */
async function actOn(page: Page, words: string, ...steps: readonly string[]): Promise<void> {
  await page.bringToFront() // one that nobody sees is drawn when the browser has time
  await messageIn(page, words).hover()
  const message = page.locator('.message').filter({ hasText: words }).last()
  for (const name of steps) await message.getByRole('button', { name, exact: true }).click()
}

const everywhere = async (pages: readonly Page[], find: (page: Page) => Locator): Promise<void> => {
  for (const page of pages) await find(page).waitFor()
}

const personal = (context: BrowserContext) => new Person(context)

test('what is done to messages in one tab is seen in all: styles, reactions, replies, edits and deletes', async () => {
  await using juliet = personal(await browser.newContext())
  const tabs = await tabsIn(juliet, 'balcony', 3)
  const [first, second, third] = tabs as [Page, Page, Page]
  await using romeo = await outsider()
  await romeo.join(`balcony@${MUC}`, 'Romeo')
  await romeo.say(`balcony@${MUC}`, 'But soft, what *light* is this?')

  await everywhere(tabs, (page) => page.locator('strong', { hasText: /^light$/ }))
  await actOn(first, 'But soft', 'React', 'heart')
  await everywhere(tabs, (page) => page.getByRole('button', { name: '❤️ 1 by Juliet', pressed: true }))

  await actOn(second, 'But soft', 'Reply')
  await say(second, 'It is the east')
  const quote = (page: Page): Locator => messageIn(page, 'It is the east').getByRole('button', { name: /^Romeo/ })
  await everywhere(tabs, quote)
  expect(await quote(third).textContent()).toContain('But soft, what light is this?')

  await fieldIn(second).press('ArrowUp')
  await fieldIn(second).fill('It is the west')
  await second.keyboard.press('Enter')
  await everywhere(tabs, (page) => messageIn(page, 'It is the west').getByText('edited'))

  await actOn(third, 'It is the west', 'More', 'Delete for everybody', 'Delete')
  await everywhere(tabs, (page) => page.getByText('You have deleted this message.'))

  await romeo.say(`balcony@${MUC}`, 'Something rude')
  await actOn(first, 'Something rude', 'More', 'Delete for everybody', 'Delete')
  await everywhere(tabs, (page) => page.getByText('A moderator has deleted this message.'))
})

test('the history is scrolled back without a jump, searched, and left for what is new', async () => {
  const room = `abbey@${MUC}`
  await using romeo = await outsider()
  await romeo.join(room, 'Romeo')
  for (let line = 1; line <= 130; line++) await romeo.say(room, `line ${line} ends`)
  await using juliet = personal(await browser.newContext({ viewport: { width: 1000, height: 700 } }))
  const page = await enter(juliet, 'abbey')
  await messageIn(page, 'line 130 ends').waitFor()
  const box = page.locator('.timeline')
  const shown = (): Promise<number> => page.locator('[data-message]').count()

  for (const _ of [1, 2]) {
    const before = await shown()
    const top = await box.evaluate((element) => {
      element.scrollTop = 0
      const first = element.querySelector<HTMLElement>('[data-message]')
      return { id: first?.dataset['message'] ?? '', top: first?.getBoundingClientRect().top ?? 0 }
    })
    await expect.poll(shown, { timeout: 20_000 }).toBeGreaterThan(before)
    const after = await page.locator(`[data-message="${top.id}"]`).evaluate((e) => e.getBoundingClientRect().top)
    expect(Math.abs(after - top.top)).toBeLessThan(2)
  }
  await romeo.say(room, 'and here is the end')
  await box.evaluate((element) => {
    element.scrollTop = 0
  })
  await expect.poll(() => messageIn(page, 'line 1 ends').count(), { timeout: 20_000 }).toBe(1)

  await page.getByRole('button', { name: 'To the newest' }).click()
  await messageIn(page, 'and here is the end').waitFor()
  await page.getByRole('button', { name: 'Search' }).click()
  await page.getByLabel('Words, or how they begin').fill('12 end')
  await page.getByRole('button', { name: /line 12 ends/ }).click()
  const hit = messageIn(page, 'line 12 ends')
  await expect.poll(() => hit.evaluate((element) => element === document.activeElement)).toBe(true)
  const [at, frame] = [await hit.boundingBox(), await box.boundingBox()]
  expect(at && frame && at.y >= frame.y && at.y + at.height <= frame.y + frame.height).toBe(true)
})

test('who types is seen, and our own typing is told once, whichever tab it is in', async () => {
  const room = `stairs@${MUC}`
  await using juliet = personal(await browser.newContext())
  const [first, second] = (await tabsIn(juliet, 'stairs', 2)) as [Page, Page]
  await using romeo = await outsider()
  await romeo.join(room, 'Romeo')
  const state = (name: string) => el('message', { to: room, type: 'groupchat' }, el(name, { xmlns: NS_STATES }))

  romeo.send(state('composing'))
  await everywhere([first, second], (page) => page.getByText('Romeo is typing …'))
  romeo.send(state('paused'))
  await first.getByText('Romeo is typing …').waitFor({ state: 'detached' })
  await fieldIn(second).fill('You')
  await fieldIn(first).fill('I')
  const isTold = (stanza: Element, name: string): boolean =>
    stanza.attrs['from'] === `${room}/Juliet` && stanza.getChild(name, NS_STATES) !== undefined
  await romeo.waitFor((stanza) => isTold(stanza, 'composing'), { what: 'that Juliet types' })
  await romeo.say(room, 'I can wait')
  await messageIn(second, 'I can wait').waitFor()

  expect(romeo.received().filter((stanza) => isTold(stanza, 'composing'))).toHaveLength(1)
})

test('files are sent with their progress shown in every tab: pictures are small, others are cards', async () => {
  await using juliet = personal(await browser.newContext())
  const tabs = await tabsIn(juliet, 'gallery', 2)
  const [first] = tabs as [Page]
  const files = first.locator('input[type="file"]')
  const shown = Promise.all(tabs.map((tab) => tab.getByRole('progressbar').waitFor()))

  await files.setInputFiles({
    name: 'scroll.bin',
    mimeType: 'application/octet-stream',
    buffer: Buffer.alloc(9_000_000),
  })
  await shown
  await everywhere(tabs, (page) => page.getByRole('link', { name: /^scroll\.bin 9\.0 MB/ }))
  await files.setInputFiles({ name: 'rose.png', mimeType: 'image/png', buffer: await first.screenshot() })

  for (const tab of tabs) {
    const picture = tab.getByRole('img', { name: 'rose.png' })
    await expect
      .poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth), { timeout: 20_000 })
      .toBe(1280)
    expect((await picture.boundingBox())?.width).toBeLessThanOrEqual(320)
  }
  await first.getByRole('progressbar').first().waitFor({ state: 'detached' })
})

test('a file from elsewhere is a card: nobody learns from its being shown that it was seen', async () => {
  const room = `alley@${MUC}`
  await using juliet = personal(await browser.newContext())
  const page = await enter(juliet, 'alley')
  await using romeo = await outsider()
  await romeo.join(room, 'Romeo')
  const url = 'https://pictures.example/spy.png'
  const oob = el('x', { xmlns: 'jabber:x:oob' }, el('url', {}, url))

  romeo.send(el('message', { to: room, type: 'groupchat', id: 'spy' }, el('body', {}, url), oob))

  const card = page.getByRole('link', { name: /^spy\.png/ })
  await card.waitFor()
  expect(await card.getAttribute('rel')).toBe('noopener noreferrer')
  expect(await page.locator('img[src*="spy"]').count()).toBe(0)
})

test('a picture that somebody chooses is seen in all tabs, and by others', async () => {
  await using juliet = personal(await browser.newContext({ viewport: { width: 1280, height: 800 } }))
  const tabs = await tabsIn(juliet, 'mirror', 2)
  const [first] = tabs as [Page]
  await using romeo = personal(await browser.newContext({ viewport: { width: 1280, height: 800 } }))
  const other = await romeo.open(`${address}#mirror@${MUC}`)
  await other.getByRole('button', { name: 'Continue as Romeo' }).click()
  await other.getByRole('button', { name: 'Join mirror' }).click()

  await first.getByRole('button', { name: 'Account', exact: true }).click()
  await first.getByRole('button', { name: 'Settings', exact: true }).click()
  await first
    .getByLabel('Your picture')
    .setInputFiles({ name: 'face.png', mimeType: 'image/png', buffer: await first.screenshot() })

  await everywhere(tabs, (page) => page.locator('.me img.avatar'))
  await other
    .getByRole('listitem', { name: /^Juliet/ })
    .locator('img.avatar')
    .waitFor()
})

test('two talk alone: in all tabs, with a badge and files, and who asks to be a contact is answered', async () => {
  await using juliet = personal(await browser.newContext())
  const tabs = await tabsIn(juliet, 'chapel', 2)
  const [first, second] = tabs as [Page, Page]
  await using romeo = personal(await browser.newContext())
  const other = await romeo.open(address)
  await other.getByRole('button', { name: 'Continue as Romeo' }).click()

  await first.getByRole('button', { name: 'Write to somebody' }).click()
  await first.getByLabel('Their address').fill('romeo')
  await first.getByRole('button', { name: 'Write', exact: true }).click()
  await first.getByRole('textbox', { name: 'Message to Romeo' }).waitFor()
  await say(first, 'Only for you')
  const toJuliet = other.getByRole('link', { name: /^Juliet.*1 unread/ })
  await toJuliet.click()
  await other.getByRole('textbox', { name: 'Message to Juliet' }).waitFor()
  await messageIn(other, 'Only for you').waitFor()
  // Strangers are not told what becomes of their words.
  await messageIn(first, 'Only for you').getByText('sent').waitFor()
  await other.getByRole('button', { name: 'Allow' }).click()
  await say(other, 'And this for you')

  await messageIn(first, 'And this for you').waitFor()
  await say(first, 'Then I may know')
  await messageIn(first, 'Then I may know').getByText('seen').waitFor()
  expect(await first.getByText('Then I may know', { exact: true }).count()).toBe(1)
  await second.getByRole('link', { name: /^Romeo/ }).click()
  await messageIn(second, 'Only for you').waitFor()
  await actOn(second, 'And this for you', 'React', 'heart')
  await other.getByRole('button', { name: /^❤️ 1/ }).waitFor()
  await everywhere(tabs, (page) => page.locator('.room-link .person-face[data-show="online"]'))
  const letter = { name: 'letter.txt', mimeType: 'text/plain', buffer: Buffer.from('O Romeo') }
  await first.locator('input[type="file"]').setInputFiles(letter)
  await everywhere([first, second, other], (page) => page.getByRole('link', { name: /^letter\.txt/ }))
})

test('badges count what nobody has seen, in every tab, until one of them shows it', async () => {
  await using juliet = personal(await browser.newContext())
  const [first, second] = (await tabsIn(juliet, 'street', 2)) as [Page, Page]
  for (const tab of [first, second]) {
    await tab.getByLabel('Join another room').fill('hall')
    await tab.keyboard.press('Enter')
    await tab.getByRole('textbox', { name: 'Message to hall' }).waitFor()
  }
  await using romeo = await outsider()
  await romeo.join(`street@${MUC}`, 'Romeo')
  await romeo.say(`street@${MUC}`, 'Is anybody here?')
  await romeo.say(`street@${MUC}`, 'Juliet, are you?')

  const badge = (page: Page): Locator => page.getByRole('link', { name: 'street 2 unread, you are named' })
  await everywhere([first, second], badge)
  await badge(first).click()

  await first.getByText('New', { exact: true }).waitFor()
  await second.getByRole('link', { name: 'street', exact: true }).waitFor()
})

test('members have roles, and whoever may can send them out', async () => {
  await using juliet = personal(await browser.newContext({ viewport: { width: 1280, height: 800 } }))
  const page = await enter(juliet, 'court')
  await using romeo = await outsider()
  await romeo.join(`court@${MUC}`, 'Romeo')

  await page
    .getByRole('listitem', { name: /^Juliet/ })
    .getByText('owner')
    .waitFor()
  const person = page.getByRole('region', { name: 'Participants in court' }).getByRole('listitem', { name: /^Romeo/ })
  await person.hover()
  await page.getByRole('button', { name: 'About Romeo' }).click()
  await page.getByRole('button', { name: 'Send out' }).click()

  await page.getByText('Romeo was sent out').waitFor()
})

test('the subject is set and the name is changed for everybody, in all tabs', async () => {
  await using juliet = personal(await browser.newContext())
  const [first, second] = (await tabsIn(juliet, 'tower', 2)) as [Page, Page]

  await first.getByRole('button', { name: 'Room', exact: true }).click()
  await first.getByRole('button', { name: 'Settings of this room' }).click()
  await first.getByLabel('Subject').fill('Of stars')
  await first.getByRole('button', { name: 'Set', exact: true }).click()
  await second.getByText('Of stars').waitFor()
  await first.getByLabel('Your name in this room').fill('Star')
  await first.getByRole('button', { name: 'Change', exact: true }).click()

  await second.getByText('Juliet is now Star (you)').waitFor()
})

test('rooms are made, and found by others', async () => {
  await using juliet = personal(await browser.newContext())
  const page = await enter(juliet, 'kitchen')

  await page.getByRole('button', { name: 'New room' }).click()
  await page.getByLabel('Its name').fill('Of Verona')
  await page.getByRole('button', { name: 'Make the room' }).click()
  await page.getByRole('textbox', { name: 'Message to Of Verona' }).waitFor()
  await using romeo = personal(await browser.newContext())
  const other = await romeo.open(address)
  await other.getByRole('button', { name: 'Continue as Romeo' }).click()
  await other.getByRole('button', { name: 'Find rooms' }).click()
  await other.getByLabel('Words in their names').fill('verona')
  await other.getByRole('button', { name: 'Find', exact: true }).click()
  await other.getByRole('button', { name: /^Of Verona/ }).click()

  await page.getByText('Romeo came in').waitFor()
})

test('what a room is to be heard of is the same in all tabs', async () => {
  await using juliet = personal(await browser.newContext())
  const tabs = await tabsIn(juliet, 'well', 2)
  const [first, second] = tabs as [Page, Page]
  for (const tab of tabs) {
    await tab.getByRole('button', { name: 'Room', exact: true }).click()
    await tab.getByRole('button', { name: 'Settings of this room' }).click()
  }

  await first.getByLabel('Notify me of').selectOption('Nothing')

  await expect.poll(() => second.getByLabel('Notify me of').inputValue()).toBe('never')
})

test('somebody is asked in', async () => {
  await using juliet = personal(await browser.newContext())
  const page = await enter(juliet, 'balcony-below')
  await using romeo = await outsider()

  await page.getByRole('button', { name: 'Room', exact: true }).click()
  await page.getByRole('button', { name: 'Settings of this room' }).click()
  await page.getByLabel(/^Ask somebody in/).fill('romeo@localhost')
  await page.getByRole('button', { name: 'Ask', exact: true }).click()

  const isInvite = (stanza: Element): boolean => stanza.getChild('x', NS_USER)?.getChild('invite') !== undefined
  await romeo.waitFor(isInvite, { what: 'the invitation' })
})

test('an invitation is answered in one tab, and gone in all', async () => {
  await using juliet = personal(await browser.newContext())
  const [first, second] = (await tabsIn(juliet, 'porch', 2)) as [Page, Page]
  await using romeo = await outsider()
  await romeo.join(`secret@${MUC}`, 'Romeo')
  romeo.send(
    `<message xmlns="jabber:client" to="secret@${MUC}"><x xmlns="http://jabber.org/protocol/muc#user"><invite to="juliet@localhost"><reason>Come</reason></invite></x></message>`,
  )
  const invitations = (page: Page): Locator => page.getByRole('region', { name: 'Invitations' })
  await everywhere([first, second], invitations)

  await invitations(second).getByRole('button', { name: 'Go in' }).click()

  await second.getByRole('textbox', { name: 'Message to secret' }).waitFor()
  await invitations(first).waitFor({ state: 'detached' })
})

/** What the browser was asked to show, in the order in which it was. */
async function watchNotifications(context: BrowserContext): Promise<void> {
  await context.grantPermissions(['notifications'], { origin: new URL(address).origin })
  await context.addInitScript(() => {
    const shown: string[] = []
    class Watched extends Notification {
      constructor(title: string, options?: NotificationOptions) {
        super(title, options)
        shown.push(`${title}: ${options?.body}`)
      }
    }
    Object.assign(globalThis, { Notification: Watched, shownNotifications: shown })
  })
}

test('whoever wants notifications gets each in exactly one tab', async () => {
  const context = await browser.newContext()
  await watchNotifications(context)
  await using juliet = personal(context)
  const tabs = await tabsIn(juliet, 'square', 3)
  const [first] = tabs as [Page]
  for (const tab of tabs) await tab.evaluate(() => location.assign('#'))
  await using romeo = await outsider()
  await romeo.join(`square@${MUC}`, 'Romeo')
  const shown = async (): Promise<readonly string[]> => {
    // What the script above has put there.
    const all = tabs.map((tab) =>
      tab.evaluate(() => (globalThis as unknown as { shownNotifications: string[] }).shownNotifications),
    )
    return (await Promise.all(all)).flat()
  }

  await romeo.say(`square@${MUC}`, 'Juliet, unheard')
  await everywhere(tabs.slice(0, 1), (page) => page.getByRole('link', { name: /square 1 unread/ }))
  expect(await shown()).toEqual([])
  await first.getByRole('button', { name: 'Account', exact: true }).click()
  await first.getByRole('button', { name: 'Settings', exact: true }).click()
  await first.getByRole('checkbox', { name: /^Notify me/ }).check()
  await first.keyboard.press('Escape')
  await romeo.say(`square@${MUC}`, 'Juliet, where are you?')
  await everywhere(tabs, (page) => page.getByRole('link', { name: /square 2 unread/ }))

  await expect.poll(shown).toEqual(['Romeo in square: Juliet, where are you?'])
})

test('who wants to leave with the last tab is gone with it', async () => {
  const context = await browser.newContext()
  await using juliet = personal(context)
  const page = await enter(juliet, 'gate')
  await using romeo = await outsider()
  await romeo.join(`gate@${MUC}`, 'Romeo')

  await page.getByRole('button', { name: 'Account', exact: true }).click()
  await page.getByRole('button', { name: 'Settings', exact: true }).click()
  await page.getByRole('radio', { name: 'Leave the rooms at once' }).check()
  await page.getByRole('button', { name: 'Load this one anew' }).click()
  await fieldIn(page).waitFor()
  const since = romeo.mark()
  await page.close()

  await romeo.waitFor(
    ({ name, attrs }) =>
      name === 'presence' && attrs['type'] === 'unavailable' && bare(attrs['from']) === `gate@${MUC}`,
    { what: 'the leave of Juliet', since },
  )
})

test('less is kept in this browser from the next sign-in on, if so chosen', async () => {
  await using juliet = personal(await browser.newContext())
  const page = await enter(juliet, 'cell')

  await page.getByRole('button', { name: 'Account', exact: true }).click()
  await page.getByRole('button', { name: 'Settings', exact: true }).click()
  await page.getByLabel('Messages of each room').selectOption('100')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Account', exact: true }).click()
  await page.getByRole('button', { name: 'Sign out everywhere' }).click()
  await page.getByRole('button', { name: 'Continue as Juliet' }).click()
  await page.getByRole('link', { name: 'orchard suggested' }).waitFor()

  const session = await browser.newBrowserCDPSession()
  const { targetInfos } = await session.send('Target.getTargets')
  expect(targetInfos.map(({ url }) => new URL(url, address).searchParams.get('messages'))).toContain('100')
  await page.reload()
  await page.getByRole('link', { name: 'orchard suggested' }).waitFor()
})

test('without a connection it says so, and what is written waits', async () => {
  await using other = new Demo()
  await using juliet = personal(await browser.newContext())
  const page = await juliet.enter(await other.address(), 'Juliet')
  juliet.forgive()

  other.interrupt()
  await page.getByText('The connection is interrupted. It comes back by itself').waitFor()
  await fieldIn(page).fill('Is this heard?')
  await page.keyboard.press('Enter')

  await page.getByText('Waiting for the connection.').waitFor()
  await page.getByRole('button', { name: 'Take it back' }).click()
  await page.getByText('Is this heard?').waitFor({ state: 'detached' })
})

test('whoever signs out is out in every tab', async () => {
  await using juliet = personal(await browser.newContext())
  const tabs = await tabsIn(juliet, 'door', 3)
  const [first] = tabs as [Page]

  await first.getByRole('button', { name: 'Account', exact: true }).click()
  await first.getByRole('button', { name: 'Sign out everywhere' }).click()

  await everywhere(tabs, (page) => page.getByRole('button', { name: 'Continue as Juliet' }))
})
