import { BenchStage, type Side } from './bench-stage.ts'
import type { Measurement, Samples } from './measurement.ts'

const TABS = 10
const MESSAGES = 15
const ROOM = 'bench@muc.localhost'

interface TenTabs {
  readonly side: Side
  /** Resolves when every tab has the message. */
  readonly message: (body: string) => Promise<unknown>
}

/** Ten tabs with the SDK and ten tabs with a client each, all in one room. */
async function bothSides(stage: BenchStage): Promise<{ ours: TenTabs; baseline: TenTabs }> {
  const [ours, baseline] = [await stage.side(), await stage.side()]
  const ten = Array.from({ length: TABS })
  const tabs = await Promise.all(ten.map(() => stage.tab(ours)))
  const plain = await Promise.all(ten.map(() => stage.plainTab(baseline)))
  await Promise.all(tabs.map((tab) => tab.join(ROOM, { nick: 'Ours' })))
  // One after the other: they share a nick, as tabs of one person do.
  for (const tab of plain) await tab.evaluate((room) => plainClient.join(room, 'Plain'), ROOM)
  return {
    ours: { side: ours, message: (body) => Promise.all(tabs.map((tab) => tab.untilMessage(body))) },
    baseline: {
      side: baseline,
      message: (body) => Promise.all(plain.map((tab) => tab.evaluate((text) => plainClient.message(text), body))),
    },
  }
}

async function figures(pick: (side: Side) => number): Promise<Samples> {
  await using stage = await BenchStage.set()
  const { ours, baseline } = await bothSides(stage)
  return { ours: [pick(ours.side)], baseline: [pick(baseline.side)] }
}

export const wireConnections: Measurement = {
  name: 'wire-connections',
  unit: 'connections',
  what: `connections that the server has seen from ${TABS} tabs in one room`,
  run: () => figures(({ wire }) => wire.figures().connections),
}

export const wireJoins: Measurement = {
  name: 'wire-joins',
  unit: 'joins',
  what: `join presences that the server has seen from ${TABS} tabs in one room`,
  run: () => figures(({ wire }) => wire.figures().joins),
}

export const wireBytesPerMessage: Measurement = {
  name: 'wire-bytes-per-message',
  unit: 'bytes',
  what: `bytes from the server for one groupchat message that ${TABS} tabs get`,
  async run() {
    await using stage = await BenchStage.set()
    const { ours, baseline } = await bothSides(stage)
    const bob = await stage.other()
    await bob.join(ROOM, 'Bob')
    await bob.barrier()
    const samples = { ours: [] as number[], baseline: [] as number[] }
    for (let n = 0; n < MESSAGES; n++) {
      const body = `message number ${n}`
      const before = [ours, baseline].map(({ side }) => side.wire.figures().bytesDown)
      const everywhere = Promise.all([ours.message(body), baseline.message(body)])
      await bob.say(ROOM, body)
      await everywhere
      await bob.barrier()
      samples.ours.push(ours.side.wire.figures().bytesDown - (before[0] ?? 0))
      samples.baseline.push(baseline.side.wire.figures().bytesDown - (before[1] ?? 0))
    }
    return samples
  },
}
