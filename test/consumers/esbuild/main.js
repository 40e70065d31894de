import { start } from './chat.js'

start({ worker: '/minimix-worker.js' })
