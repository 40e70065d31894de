// The first example that a reader sees is run as it is printed, in two tabs, on a real server.
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isJoin, sent } from '../conformance/wire.ts'
import { launchBareChromium } from '../support/browser/chromium.ts'
import { serveFolder } from '../support/browser/folder-site.ts'
import { ensureBuilt } from '../support/built.ts'
import { PASSWORD, type Scene, type Stage, setStage } from '../support/stage.ts'

const ROOT = join(import.meta.dirname, '../..')
const WAY_MS = 20_000
const folder = mkdtempSync(join(tmpdir(), 'minimix-quick-start-'))
let stage: Stage
let browser: Browser

beforeAll(async () => {
  ensureBuilt((line) => process.stderr.write(`${line}\n`))
  cpSync(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true })
  const imports = { imports: { 'minimix-web': './dist/index.js' } }
  writeFileSync(
    join(folder, 'index.html'),
    `<!doctype html><script type="importmap">${JSON.stringify(imports)}</script><script type="module" src="./app.js"></script>`,
  )
  ;[stage, browser] = await Promise.all([setStage('prosody'), launchBareChromium()])
}, 300_000)

afterAll(async () => {
  await Promise.all([stage?.[Symbol.asyncDispose](), browser?.close()])
  rmSync(folder, { recursive: true, force: true })
})

/** The first example of a page that connects, with the addresses of this scene in the place of its own. */
function exampleOf(page: string, { account, room, wire }: Scene): string {
  const text = readFileSync(join(ROOT, page), 'utf8')
  const [, example = ''] = /^```ts\n(import \{ connect \}[\s\S]*?)^```$/m.exec(text) ?? []
  const addresses = {
    'juliet@capulet.example': account,
    'wss://capulet.example/xmpp-websocket': wire.url,
    'garden@rooms.capulet.example': room,
  }
  return Object.entries(addresses).reduce((code, [printed, real]) => {
    expect(code).toContain(`'${printed}'`)
    return code.replace(`'${printed}'`, JSON.stringify(real))
  }, example)
}

/** A tab that runs it until it has printed that line. */
async function run(profile: BrowserContext, address: string, until: RegExp, onPrompt: () => void): Promise<string[]> {
  const page: Page = await profile.newPage()
  const lines: string[] = []
  const done = new Promise<void>((resolve, reject) => {
    page.on('pageerror', reject)
    page.on('console', (message) => {
      lines.push(message.text())
      if (until.test(message.text())) resolve()
    })
  })
  const late = once(AbortSignal.timeout(WAY_MS), 'abort').then(() => {
    throw new Error(`nothing like ${until} among ${JSON.stringify(lines)}`)
  })
  page.on('dialog', (dialog) => {
    onPrompt()
    void dialog.accept(PASSWORD)
  })
  await page.goto(address)
  await Promise.race([done, late])
  return lines
}

test.each([
  // It leaves when it has said it; what it prints at last is the id of what it said.
  { page: 'README.md', until: /^[\w-]{16,}$/, said: 'Juliet Hello from this tab', joins: [1, 2] },
  { page: 'docs/guides/getting-started.md', until: /^Juliet Hello$/, said: 'Juliet Hello', joins: [1] },
])(
  'the first example of $page runs in two tabs: one password, one connection',
  async ({ page, until, said, joins }) => {
    await using scene = await stage.scene()
    await using site = await serveFolder(folder)
    await using profile = await browser.newContext()
    writeFileSync(join(folder, 'app.js'), exampleOf(page, scene))
    let prompts = 0
    const onPrompt = (): void => void ++prompts

    const first = await run(profile, `${site.origin}/`, until, onPrompt)
    const second = await run(profile, `${site.origin}/`, until, onPrompt)

    for (const lines of [first, second]) expect(lines).toContain(said)
    expect(prompts).toBe(1)
    expect(scene.wire.figures().connections).toBe(1)
    expect(joins).toContain(sent(scene.wire).filter(isJoin).length)
  },
)
