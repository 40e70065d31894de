import './trusted-types.js'
import { start } from './chat.js'

start({ worker: '/worker.js' })
