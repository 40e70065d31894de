// What a SharedWorker prints or throws no tab sees by itself.
import { expect } from 'expect'
import type { Tab, TabOptions } from '../../support/browser/tab.ts'
import { conform, type Setting } from '../case.ts'
import { NICK, only, pairIn } from '../steps.ts'

const FAULTY = '/test/conformance/browser/faulty-worker.ts'

const REJECTED = 'worker: a promise was rejected: '

/** Two tabs in the room, by a worker with faults. */
async function pairOf(setting: Setting, options: Partial<TabOptions>): Promise<readonly [Tab, Tab]> {
  const [first, second] = [
    await setting.tab({ worker: FAULTY, ...options }),
    await setting.tab({ worker: FAULTY, ...options }),
  ]
  for (const tab of [first, second]) await tab.join(setting.room, NICK)
  return [first, second]
}

const cause = (tab: Tab, fault: 'throw' | 'reject'): Promise<void> =>
  tab.page.evaluate((fault) => {
    const channel = new BroadcastChannel('minimix-test-fault')
    channel.postMessage(fault)
    channel.close()
  }, fault)

const errorsOf = async (tab: Tab): Promise<string[]> =>
  (await tab.inspect()).log.filter(({ level }) => level === 'error').map(({ text }) => text)

export const seeingInside = [
  ...(
    [
      ['D01', 'the SharedWorker', {}, 'shared-worker'],
      ['D02', 'the worker of the leader', { sharedWorker: 'never' }, 'leader-worker'],
    ] as const
  ).map(([name, where, options, engine]) =>
    conform(
      name,
      `What goes wrong in ${where} every tab is told, the log has it with its place, and the chat goes on.`,
      async (setting) => {
        const { room, bob } = setting
        const [first, second] = await pairOf(setting, options)
        expect((await first.inspect()).engine).toBe(engine)

        for (const fault of ['throw', 'reject'] as const) await cause(second, fault)

        for (const tab of [first, second]) {
          for (const message of ['worker: Error: thrown on purpose', `${REJECTED}Error: rejected on purpose`])
            await tab.sees({ name: 'error', event: { code: 'worker-error', message } })
          expect(only(await tab.told(), 'error').filter(({ event }) => event.message.includes('birth'))).toEqual([])
        }
        const errors = await errorsOf(first)
        for (const words of ['thrown at birth', 'thrown on purpose', 'rejected on purpose'])
          expect(errors).toContainEqual(expect.stringMatching(new RegExp(`^worker: .*${words}[^]*faulty-worker`)))
        await bob.say(room, 'all the same')
        for (const tab of [first, second]) await tab.untilMessage('all the same')
      },
    ),
  ),

  conform(
    'D03',
    'The log of an application gets each record as it is made, and what it throws harms nothing.',
    async (setting) => {
      const tab = await setting.openTab()
      await tab.page.evaluate(() => {
        const records: unknown[] = []
        Object.assign(globalThis, { records })
        new BroadcastChannel('minimix-test-log').onmessage = ({ data }) => records.push(data)
      })

      await setting.connect(tab, { worker: FAULTY })
      await tab.join(setting.room, NICK)
      const { log } = await tab.inspect()

      expect(log).toContainEqual(expect.objectContaining({ level: 'info', text: expect.stringMatching(/^online as/) }))
      const heard = (count: number): boolean => Reflect.get(globalThis, 'records').length >= count
      await tab.page.waitForFunction(heard, log.length, { timeout: 10_000 })
      expect(await tab.page.evaluate(() => Reflect.get(globalThis, 'records'))).toEqual(log)
      expect(log.filter(({ text }) => text.includes('a log that throws'))).toEqual([])
    },
  ),

  conform('D04', 'inspect() shows the stream, the tabs and the room, and nothing that is secret.', async (setting) => {
    const { room, wire } = setting
    const [first, second] = await pairIn(setting)
    await first.send(room, 'for your eyes only')
    await second.show(false)
    await second.inspect()
    wire.cut({ how: 'reset' })
    await first.sees({ name: 'status', event: { status: 'interrupted' } })
    const away = await first.inspect()
    await first.sees({ name: 'resumed' }, { ms: 20_000 })

    const back = await first.inspect()
    expect(away.stream).toMatchObject({ managed: true, resumable: true })
    expect(back).toMatchObject({
      status: 'online',
      stream: { at: 'online', managed: true, fullJid: expect.stringContaining(`${setting.account}/`) },
      rooms: [{ jid: room, phase: 'in', nick: 'Juliet', tabs: 2 }],
    })
    expect(back.tabs.map(({ hidden, suspended, fallenBehind }) => [hidden, suspended, fallenBehind])).toEqual([
      [false, false, false],
      [true, false, false],
    ])
    const sessions = wire.frames.all.flatMap(({ text }) => /<enabled [^>]*\bid=["']([^"']+)/.exec(text)?.[1] ?? [])
    expect(sessions).not.toEqual([])
    const text = JSON.stringify([away, back])
    for (const secret of ['a password', 'eyes only', ...sessions]) expect(text).not.toContain(secret)
  }),
]
