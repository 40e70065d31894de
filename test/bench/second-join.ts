import { BenchStage } from './bench-stage.ts'
import type { Measurement } from './measurement.ts'

const OCCUPANTS = 200
const ROUNDS = 15
const ROOM = 'full@muc.localhost'

export const secondJoin: Measurement = {
  name: 'second-join',
  unit: 'ms',
  what: `until a second tab has all occupants of a room of ${OCCUPANTS}, beside a direct join`,
  async run() {
    await using stage = await BenchStage.set({ fakeOccupants: { [ROOM]: OCCUPANTS } })
    const maker = await stage.other()
    await maker.join(ROOM, 'Maker')
    const [ours, baseline] = [await stage.side(), await stage.side()]
    const first = await stage.tab(ours)
    await first.join(ROOM, { nick: 'Ours' })
    const second = await stage.tab(ours)
    const plain = await stage.plainTab(baseline)
    const samples = { ours: [] as number[], baseline: [] as number[] }
    for (let round = 0; round < ROUNDS; round++) {
      const direct = await plain.evaluate(async (room) => {
        const joined = await plainClient.join(room, 'Plain')
        await plainClient.leave(room, 'Plain')
        return joined
      }, ROOM)
      const shared = await second.page.evaluate(async (jid) => {
        const room = harness.room(jid)
        const beganMs = performance.now()
        await room.join({ nick: 'Ours' })
        const joined = { occupants: room.occupants.size, ms: performance.now() - beganMs }
        await room.leave()
        return joined
      }, ROOM)
      // The maker, the fakes and ourselves; a measurement of something else is none.
      for (const { occupants } of [direct, shared]) {
        if (occupants < OCCUPANTS + 2) throw new Error(`${occupants} occupants instead of ${OCCUPANTS + 2}`)
      }
      samples.ours.push(shared.ms)
      samples.baseline.push(direct.ms)
    }
    return samples
  },
}
