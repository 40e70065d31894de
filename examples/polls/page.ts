// The page: shows each poll, and votes for its first option.
import { connect } from 'minimix-web'
import type { Poll, polls } from './plugin.ts'

export async function showPolls(show: (poll: Poll) => void): Promise<() => Promise<void>> {
  const account = await connect({
    jid: 'juliet@capulet.example',
    password: 'secret',
    worker: () => new SharedWorker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'polls' }),
  })
  const plugin = account.plugin<ReturnType<typeof polls>>('polls')
  plugin.on('polls', (all) => all.forEach(show))
  plugin.on('poll', show)
  return async () => {
    const [first] = await plugin.call('list')
    if (first) show(await plugin.call('vote', { author: first.author, id: first.id, option: 0 }))
  }
}
