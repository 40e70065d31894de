import { untilRemembered } from '../support/browser/remembered.ts'
import { BenchStage, type Side } from './bench-stage.ts'
import type { Measurement } from './measurement.ts'

const ROUNDS = 5
/** Both ways end with it: the session is there, and can be resumed. */
const SESSION = /^<success\b.*<(?:bound|resumed)\b|^<enabled\b/

export const signIn: Measurement = {
  name: 'sign-in',
  unit: 'round trips',
  what: 'from connect() to online by a remembered token, beside SCRAM-SHA-1, binding and stream management without SASL2',
  async run() {
    await using stage = await BenchStage.set({}, 'prosody13')
    const [ours, baseline] = [await stage.side(), await stage.side()]
    baseline.wire.rule(({ dir, text }) =>
      dir === 'down' && text.startsWith('<stream:features')
        ? {
            replace: text
              .replace(/<authentication\b.*<\/authentication>/, '')
              .replace(/<mechanism>(?!SCRAM-SHA-1<)[^<]*<\/mechanism>/g, ''),
          }
        : 'pass',
    )
    await signedIn(stage, ours, 'password', true)
    const samples = { ours: [] as number[], baseline: [] as number[] }
    for (let round = 0; round < ROUNDS; round++) {
      samples.ours.push(await signedIn(stage, ours))
      samples.baseline.push(await signedIn(stage, baseline, 'password'))
    }
    return samples
  },
}

/** Signs in by a worker of its own, which ends with its tab. @returns how often one side waited for the other */
async function signedIn(stage: BenchStage, side: Side, by?: 'password', remember = false): Promise<number> {
  const { wire } = side
  const mark = wire.frames.mark()
  const tab = await stage.openTab(side)
  const { password, ...words } = stage.signIn(side)
  await tab.connect({ ...words, ...(by && { [by]: password }), sharedWorker: 'never', remember })
  const frames = wire.frames.since(mark)
  const end = frames.findIndex(({ dir, text }) => dir === 'down' && SESSION.test(text))
  const said = frames.slice(0, end + 1).map(({ dir }) => dir)
  const turns = said.filter((dir, at) => dir === 'down' && said[at - 1] === 'up').length
  if (end === -1 || turns === 0) throw new Error('the sign-in is not on the wire')
  // A session that goes on would make the next one another thing; but what is remembered is to stay.
  if (remember) await untilRemembered(tab.page, side.jid)
  else if (by) await tab.account('logout')
  await tab.page.close()
  // The opening of the WebSocket is one, too.
  return turns + 1
}
