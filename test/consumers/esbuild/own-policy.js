import { start } from './chat.js'

const policy = globalThis.trustedTypes?.createPolicy('minimix', { createScriptURL: () => '/minimix-worker.js' })
const options = { type: 'module', name: 'minimix', extendedLifetime: true }
const worker = () => new SharedWorker(policy?.createScriptURL('') ?? '/minimix-worker.js', options)

start({ worker })
