import { start } from './chat.js'

const policy = globalThis.trustedTypes?.createPolicy('minimix', { createScriptURL: () => '/worker.js' })
const options = { type: 'module', name: 'minimix', extendedLifetime: true }
const worker = () => new SharedWorker(policy?.createScriptURL('') ?? '/worker.js', options)

start({ worker })
