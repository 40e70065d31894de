// A plug-in of an application (examples/polls), in a worker of its own file.
import { expect } from 'expect'
import type { Poll } from '../../../examples/polls/plugin.ts'
import type { Tab } from '../../support/browser/tab.ts'
import { el, type RawClient } from '../../support/raw-client.ts'
import { conform, type Setting } from '../case.ts'
import { bareJid, NICK, settle } from '../steps.ts'

const POLLS = { worker: '/examples/polls/worker.ts' }
const NS = 'urn:example:polls:0'

/** Puts all that the plug-in tells a tab on a record. */
const listen = (tab: Tab): Promise<void> =>
  tab.page.evaluate(() => {
    const polls: unknown[] = []
    Object.assign(globalThis, { polls })
    const plugin = harness.connected().plugin('polls')
    plugin.on('polls', (all) => polls.push(...(all as readonly unknown[])))
    plugin.on('poll', (poll) => polls.push(poll))
  })

/** What a tab was told of polls, once it was so many. */
async function told(tab: Tab, count: number): Promise<readonly Poll[]> {
  const heard = (count: number): boolean => Reflect.get(globalThis, 'polls').length >= count
  await tab.page.waitForFunction(heard, count, { timeout: 10_000 })
  return tab.page.evaluate(() => Reflect.get(globalThis, 'polls'))
}

const call = (tab: Tab, name: string, args?: unknown): Promise<unknown> =>
  tab.page.evaluate(({ name, args }) => harness.connected().plugin('polls').call(name, args), { name, args })

const ask = (bob: RawClient, account: string): void =>
  bob.send(
    el(
      'message',
      { to: account },
      el(
        'poll',
        { xmlns: NS, id: 'p1' },
        el('question', {}, 'Where?'),
        el('option', {}, 'garden'),
        el('option', {}, 'tomb'),
      ),
    ),
  )

const votes = (bob: RawClient): (string | undefined)[] =>
  bob.received().flatMap((stanza) => stanza.getChild('vote', NS)?.attrs['option'] ?? [])

async function twoTabs(setting: Setting): Promise<readonly [Tab, Tab]> {
  const [first, second] = [await setting.tab(POLLS), await setting.tab(POLLS)]
  for (const tab of [first, second]) {
    await listen(tab)
    await tab.join(setting.room, NICK)
  }
  await settle(setting)
  return [first, second]
}

export const plugins = [
  conform(
    'X20',
    'A plug-in hears a stanza once for all tabs, what one tab does with it is sent once and seen in the other, and the next worker has it, also for a tab that comes later.',
    async (setting) => {
      const { bob, account, room } = setting
      bob.send(el('presence'))
      const [first, second] = await twoTabs(setting)
      const vote = { author: bareJid(bob), id: 'p1', option: 1 }

      ask(bob, account)
      for (const tab of [first, second])
        expect(await told(tab, 1)).toMatchObject([
          { author: bareJid(bob), question: 'Where?', options: ['garden', 'tomb'] },
        ])
      await call(first, 'vote', vote)
      expect(await told(second, 2)).toMatchObject([{ id: 'p1' }, { id: 'p1', vote: 1 }])
      await call(second, 'vote', vote)
      await settle(setting)
      expect(votes(bob)).toEqual(['1'])

      await first.killWorker()
      for (const tab of [first, second]) await tab.sees({ name: 'resumed', room }, { ms: 20_000 })
      const late = await setting.tab(POLLS)
      await listen(late)

      expect(await told(late, 1)).toMatchObject([{ id: 'p1', vote: 1 }])
      expect(await call(second, 'list')).toMatchObject([{ id: 'p1', vote: 1 }])
      await settle(setting)
      expect(votes(bob)).toEqual(['1'])
    },
    { needs: ['way to stop a worker'], deadlineMs: 60_000 },
  ),

  conform(
    'X21',
    'What a call of a plug-in refuses is the error of that call, and what is no call of it one, too.',
    async (setting) => {
      const tab = await setting.tab(POLLS)
      const codeOf = (name: string, args?: unknown): Promise<string> =>
        tab.page.evaluate(
          ({ name, args }) =>
            harness
              .connected()
              .plugin('polls')
              .call(name, args)
              .then(
                () => 'done',
                (error) => (error instanceof harness.sdk.MinimixError ? error.code : String(error)),
              ),
          { name, args },
        )

      expect(await codeOf('vote', { author: bareJid(setting.bob), id: 'p1', option: 0 })).toBe('not-acceptable')
      expect(await codeOf('close')).toBe('outdated')
      expect(await codeOf('list')).toBe('done')
    },
    { watched: false },
  ),
]
