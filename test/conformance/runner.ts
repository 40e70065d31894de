import type { Scene, Stage } from '../support/stage.ts'
import { isOfBrowser } from './browser-features.ts'
import type { Case } from './case.ts'
import type { Feature } from './features.ts'
import { evidence, type Result, reasonOf } from './report.ts'
import { misbehaviour } from './wire.ts'

/** Runs the cases, so many at a time, each in a scene of its own; `say` gets each result as it comes. */
export async function runCases(
  cases: readonly Case[],
  stage: Stage,
  can: ReadonlySet<Feature>,
  { jobs, say }: { readonly jobs: number; readonly say: (result: Result) => void },
): Promise<readonly Result[]> {
  const results: Result[] = []
  const left = [...cases]
  const work = async (): Promise<void> => {
    for (let next = left.shift(); next; next = left.shift()) {
      const result = await runCase(next, stage, can)
      results.push(result)
      say(result)
    }
  }
  await Promise.all(Array.from({ length: jobs }, work))
  const order = cases.map(({ name }) => name)
  return results.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name))
}

async function runCase(each: Case, stage: Stage, can: ReadonlySet<Feature>): Promise<Result> {
  const { name, title } = each
  const missing = each.needs.filter((feature) => !can.has(feature))
  if (missing.length > 0) return { name, title, status: 'skipped', ms: 0, reason: lacks(missing) }
  const sinceMs = performance.now()
  let scene: Scene | undefined
  let reason: string | undefined
  try {
    scene = await stage.scene(each.scene)
    await inTime(each.run({ ...scene, can }), each.deadlineMs)
    if (!each.ghost) mustBehave(scene, stage)
  } catch (error) {
    reason = reasonOf(error)
    if (scene) reason += `\n${await evidence(scene)}`
  }
  const ms = performance.now() - sinceMs
  await scene?.[Symbol.asyncDispose]()
  return reason === undefined ? { name, title, status: 'passed', ms } : { name, title, status: 'failed', ms, reason }
}

/** Who has no what. */
function lacks(missing: readonly Feature[]): string {
  const whose = (owner: string, those: readonly Feature[]): string[] =>
    those.length > 0 ? [`the ${owner} has no ${those.join(', no ')}`] : []
  const ofServer = missing.filter((feature) => !isOfBrowser(feature))
  return [...whose('server', ofServer), ...whose('browser', missing.filter(isOfBrowser))].join('; ')
}

/** What holds for every case, whatever it is about. */
function mustBehave({ wire }: Scene, { server }: Stage): void {
  const found = misbehaviour(wire, server.mucDomain)
  if (found.length > 0) throw new Error(`on the wire: ${found.join('\n')}`)
}

function inTime(run: Promise<void>, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not done within ${ms} ms`)), ms)
    run.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
