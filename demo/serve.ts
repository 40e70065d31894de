// The demo: `npm run demo`. A chat server of its own, a counting proxy in front of it, and the page.
import { Ending, said } from './serve/ending.ts'

const ending = new Ending()
ending.listen()
try {
  // Loaded only now: until here nothing listens to Ctrl-C.
  const { run } = await import('./serve/run.ts')
  await run(ending, process.argv.slice(2))
} catch (error) {
  await ending.end({ code: 1, message: said(error) })
}
