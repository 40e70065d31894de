import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { FILES } from '../../src/contract/files.ts'
import { PluginEars } from '../../src/tab/plugin-handle.ts'
import { Uploads } from '../../src/tab/uploads.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Uploads of a tab whose worker answers whatever it is asked. */
async function begin() {
  const events = new PluginEars()
  const asked: unknown[] = []
  const uploads = new Uploads(
    't1',
    (_name, args) => {
      asked.push(args)
      return Promise.resolve(null as never) // what it answers is not looked at
    },
    events,
    () => undefined,
  )
  const sending = uploads.send({ room: 'r@m' }, true, new Blob(['x']), {})
  const outcome = sending.then(
    () => 'sent',
    (error: { code: string }) => error.code,
  )
  await vi.dynamicImportSettled()
  const [{ args }] = asked as [{ args: { id: string } }]
  const upload = { id: args.id, room: 'r@m', name: 'file', mediaType: 'text/plain', size: 1, sent: 0 }
  return { events, uploads, outcome, upload }
}

test('one that ended while this tab was told nothing has failed, unless its message comes', async () => {
  const { events, outcome, upload } = await begin()
  events.hear(FILES, 'progress', upload)

  events.hear(FILES, 'all', [])
  await vi.advanceTimersByTimeAsync(60_000)

  expect(await outcome).toBe('worker-gone')
})

test('one that is still on its way has not', async () => {
  const { events, uploads, outcome, upload } = await begin()

  uploads.gone()
  events.hear(FILES, 'all', [upload])
  await vi.advanceTimersByTimeAsync(60_000)
  events.hear(FILES, 'ended', { upload, error: { code: 'forbidden', message: 'no', retry: false } })

  expect(await outcome).toBe('forbidden')
})
