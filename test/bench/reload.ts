import type { Page } from 'playwright-core'
import { BenchStage, type Side } from './bench-stage.ts'
import type { Measurement, Samples } from './measurement.ts'

const OCCUPANTS = 200
const ROUNDS = 9
/** How long each frame is under way, each way. */
const AWAY_MS = 20
const ROOM = 'full@muc.localhost'
const DEADLINE_MS = 20_000

export const reload: Measurement = {
  name: 'reload',
  unit: 'ms',
  what: `from the reload of the only tab to all occupants of a room of ${OCCUPANTS}, beside a page with a fresh sign-in`,
  run: () => measured('worker lives'),
}

export const reloadCold: Measurement = {
  name: 'reload-cold',
  unit: 'ms',
  what: 'the same where the worker has died with the tab, as in Firefox',
  run: () => measured('worker dead'),
}

async function measured(how: 'worker lives' | 'worker dead'): Promise<Samples> {
  await using stage = await BenchStage.set({ fakeOccupants: { [ROOM]: OCCUPANTS } })
  const maker = await stage.other()
  await maker.join(ROOM, 'Maker')
  const [ours, baseline] = [await stage.side(), await stage.side()]
  const tab = await stage.tab(ours)
  await tab.join(ROOM, { nick: 'Ours' })
  const plain = await stage.plainTab(baseline)
  await plain.evaluate((room) => plainClient.join(room, 'Plain'), ROOM)
  for (const { wire } of [ours, baseline]) Object.assign(wire.delayMs, { up: AWAY_MS, down: AWAY_MS })
  await tab.page.addInitScript(whenReady, { ...stage.signIn(ours), room: ROOM })
  await plain.addInitScript(whenReady, { ...stage.signIn(baseline), room: ROOM })

  const samples = { ours: [] as number[], baseline: [] as number[] }
  for (let round = -1; round < ROUNDS; round++) {
    const seen = maker.mark()
    if (how === 'worker dead') {
      const url = tab.page.url()
      await tab.killWorker()
      await tab.page.goto('about:blank')
      await tab.page.goto(url)
    } else await tab.page.reload()
    const shared = await outcome(tab.page)
    if (maker.received(seen).some(({ attrs }) => attrs['from'] === `${ROOM}/Ours`))
      throw new Error('the room has seen the reload')
    await leave(plain, baseline)
    await plain.reload()
    const direct = await outcome(plain)
    if (round < 0) continue
    samples.ours.push(shared)
    samples.baseline.push(direct)
  }
  return samples
}

/** A page that is reloaded just goes: what it leaves behind must not be what the next one finds. */
async function leave(page: Page, { wire }: Side): Promise<void> {
  Object.assign(wire.delayMs, { up: 0, down: 0 })
  await page.evaluate((room) => plainClient.leave(room, 'Plain').catch(() => undefined), ROOM)
  Object.assign(wire.delayMs, { up: AWAY_MS, down: AWAY_MS })
}

async function outcome(page: Page): Promise<number> {
  await page.waitForFunction(() => benchJoined !== undefined, undefined, { timeout: DEADLINE_MS })
  const { ms, occupants } = await page.evaluate(() => benchJoined ?? { ms: 0, occupants: 0 })
  if (occupants < OCCUPANTS + 2) throw new Error(`${occupants} occupants instead of ${OCCUPANTS + 2}`)
  return ms
}

declare global {
  /** When the page had joined, since its navigation began, and whom it found there. */
  var benchJoined: { readonly ms: number; readonly occupants: number } | undefined
}

/** In the page, before its own scripts: signs in and joins as soon as they are there. */
function whenReady(given: { jid: string; service: string; password: string; room: string }): void {
  globalThis.benchJoined = undefined
  const { room, ...signIn } = given
  const look = new MutationObserver(() => {
    if (document.title !== 'ready') return
    look.disconnect()
    // No function of its own: what compiles this would name it with a helper that the page does not have.
    const joined =
      'harness' in globalThis
        ? harness
            .connect(signIn)
            .then(() => harness.room(room).join({ nick: 'Ours' }))
            .then(() => harness.room(room).occupants.size)
        : plainClient
            .connect(signIn)
            .then(() => plainClient.join(room, 'Plain'))
            .then(({ occupants }) => occupants)
    void joined.then((occupants) => {
      globalThis.benchJoined = { ms: performance.now(), occupants }
    })
  })
  look.observe(document, { subtree: true, childList: true, characterData: true })
}
