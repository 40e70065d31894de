import { BenchStage } from './bench-stage.ts'
import type { Measurement } from './measurement.ts'

const OCCUPANTS = 200
const ROUNDS = 15
/** Rounds that do not count. */
const WARM_UP = 2
/** How long each frame is under way, each way. */
const AWAY_MS = 20
const ROOM = 'full@muc.localhost'

export const attach: Measurement = {
  name: 'attach',
  unit: 'ms',
  what: `from connect() in a further tab until it has joined a room of ${OCCUPANTS}, beside a direct sign-in and join`,
  async run() {
    await using stage = await BenchStage.set({ fakeOccupants: { [ROOM]: OCCUPANTS } })
    const maker = await stage.other()
    await maker.join(ROOM, 'Maker')
    const [ours, baseline] = [await stage.side(), await stage.side()]
    const first = await stage.tab(ours)
    await first.join(ROOM, { nick: 'Ours' })
    for (const { wire } of [ours, baseline]) Object.assign(wire.delayMs, { up: AWAY_MS, down: AWAY_MS })
    const samples = { ours: [] as number[], baseline: [] as number[] }
    for (let round = -WARM_UP; round < ROUNDS; round++) {
      const tab = await stage.openTab(ours)
      const shared = await tab.page.evaluate(
        async ({ room: jid, ...signIn }) => {
          const beganMs = performance.now()
          await harness.connect(signIn)
          const room = harness.room(jid)
          await room.join({ nick: 'Ours' })
          return { occupants: room.occupants.size, ms: performance.now() - beganMs }
        },
        { ...stage.signIn(ours), room: ROOM },
      )
      const plain = await stage.openPlainTab(baseline)
      const direct = await plain.evaluate(
        async ({ room, ...signIn }) => {
          const beganMs = performance.now()
          await plainClient.connect(signIn)
          const { occupants } = await plainClient.join(room, 'Plain')
          const ms = performance.now() - beganMs
          // A page that just goes leaves its occupant behind.
          await plainClient.leave(room, 'Plain')
          return { occupants, ms }
        },
        { ...stage.signIn(baseline), room: ROOM },
      )
      await Promise.all([tab.close(), plain.close()])
      // The maker, the fakes and ourselves; a measurement of something else is none.
      for (const { occupants } of [direct, shared]) {
        if (occupants < OCCUPANTS + 2) throw new Error(`${occupants} occupants instead of ${OCCUPANTS + 2}`)
      }
      if (round < 0) continue
      samples.ours.push(shared.ms)
      samples.baseline.push(direct.ms)
    }
    return samples
  },
}
