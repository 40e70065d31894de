// The worker of the demonstration without a server: broker and server are both in it, so all tabs share them.
import { systemClock } from '../src/adapters/system-clock.ts'
import { startBroker } from '../src/start-broker.ts'
import { memoryUpstream } from '../src/testing/memory-upstream.ts'
import { orchard } from './memory/orchard.ts'

startBroker({ upstream: memoryUpstream(orchard(systemClock()), { keeps: 'nothing' }) })
