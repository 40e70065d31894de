import type { CDPSession } from 'playwright-core'
import type { Tab } from './tab.ts'

type Kind = 'shared_worker' | 'worker'

/**
 * Stops the workers of that kind at their next step, in the profile of that tab: as one that hangs, or whose page the
 * browser has frozen, they keep their locks and do nothing. @returns lets them go on
 */
export async function stopWorkers(tab: Tab, kind: Kind): Promise<() => Promise<void>> {
  const session = await browserSession(tab)
  const stopped: ((method: string) => Promise<void>)[] = []
  for (const targetId of await workersOf(session, tab, kind)) {
    const { sessionId } = await session.send('Target.attachToTarget', { targetId, flatten: false })
    let id = 0
    const say = async (method: string): Promise<void> => {
      await session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id: ++id, method }) })
    }
    await say('Debugger.enable')
    await say('Debugger.pause')
    stopped.push(say)
  }
  if (stopped.length === 0) throw new Error(`no ${kind}`)
  return async () => {
    for (const say of stopped) await say('Debugger.disable')
    await session.detach()
  }
}

/** How many workers of that kind run in the profile of that tab. */
export async function countWorkers(tab: Tab, kind: Kind): Promise<number> {
  const session = await browserSession(tab)
  const found = await workersOf(session, tab, kind)
  await session.detach()
  return found.length
}

async function browserSession(tab: Tab): Promise<CDPSession> {
  const browser = tab.page.context().browser()
  if (!browser) throw new Error('no browser')
  return browser.newBrowserCDPSession()
}

async function workersOf(session: CDPSession, tab: Tab, kind: Kind): Promise<string[]> {
  const mine = await tab.page.context().newCDPSession(tab.page)
  const { targetInfo } = await mine.send('Target.getTargetInfo')
  await mine.detach()
  const { targetInfos } = await session.send('Target.getTargets', { filter: [{}] })
  return targetInfos
    .filter(({ type, browserContextId }) => type === kind && browserContextId === targetInfo.browserContextId)
    .map(({ targetId }) => targetId)
}
