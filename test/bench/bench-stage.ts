import type { Browser, BrowserContext, Page } from 'playwright-core'
import { chromiumProfile, launchChromium } from '../support/browser/chromium.ts'
import { type Site, startSite } from '../support/browser/site.ts'
import { Tab } from '../support/browser/tab.ts'
import { RawClient } from '../support/raw-client.ts'
import { type ChatServer, type ProsodyOptions, startServer } from '../support/servers/index.ts'
import { startWireProxy, type WireProxy } from '../support/wire-proxy.ts'
import { bundled, pageOf } from './bundled.ts'

const PASSWORD = 'a password'

/** Who is measured: an account with a wire and a profile of its own. */
export interface Side {
  readonly jid: string
  readonly wire: WireProxy
  readonly profile: BrowserContext
}

/** A server and a browser with both sides' pages, for one measurement. */
export class BenchStage {
  readonly server: ChatServer
  readonly #browser: Browser
  readonly #site: Site
  readonly #open: AsyncDisposable[] = []
  #accounts = 0

  private constructor(server: ChatServer, browser: Browser, site: Site) {
    this.server = server
    this.#browser = browser
    this.#site = site
  }

  static async set(options: ProsodyOptions = {}, kind: 'prosody' | 'prosody13' = 'prosody'): Promise<BenchStage> {
    const [server, browser, script] = await Promise.all([
      startServer(kind, options),
      launchChromium(),
      bundled('plain-client.ts'),
    ])
    const site = await startSite(
      new Map([
        ['/plain', pageOf('/plain.js')],
        ['/plain.js', { type: 'text/javascript', body: script }],
      ]),
    )
    return new BenchStage(server, browser, site)
  }

  async side(): Promise<Side> {
    const wire = await startWireProxy({ target: this.server.url })
    this.#open.push(wire)
    return { jid: await this.#account(), wire, profile: await this.#browser.newContext() }
  }

  /** What a side signs in with. */
  signIn({ jid, wire }: Side): { readonly jid: string; readonly service: string; readonly password: string } {
    return { jid, service: wire.url, password: PASSWORD }
  }

  /** A tab with the SDK. */
  async tab(side: Side): Promise<Tab<Page>> {
    const tab = await this.openTab(side)
    await tab.connect(this.signIn(side))
    return tab
  }

  /** The same, not yet connected. */
  openTab({ profile }: Side): Promise<Tab<Page>> {
    return Tab.open(chromiumProfile(profile), this.#site.origin)
  }

  /** A tab with plain @xmpp/client. */
  async plainTab(side: Side): Promise<Page> {
    const tab = await this.openPlainTab(side)
    await tab.evaluate((given) => plainClient.connect(given), this.signIn(side))
    return tab
  }

  /** The same, not yet connected. */
  async openPlainTab({ profile }: Side): Promise<Page> {
    const tab = await profile.newPage()
    await tab.goto(`${this.#site.origin}/plain`)
    await tab.waitForFunction(() => document.title === 'ready')
    return tab
  }

  /** Somebody else, by a client of their own. */
  async other(): Promise<RawClient> {
    const client = await RawClient.connect({
      url: this.server.url,
      jid: await this.#account(),
      password: PASSWORD,
      resource: 'other',
    })
    this.#open.push(client)
    return client
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close()
    await Promise.all(this.#open.map((each) => each[Symbol.asyncDispose]()))
    await this.#site[Symbol.asyncDispose]()
    await this.server.dispose()
  }

  async #account(): Promise<string> {
    const name = `account${++this.#accounts}`
    await this.server.addAccount(name, PASSWORD)
    return `${name}@${this.server.domain}`
  }
}
