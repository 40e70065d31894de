import './trusted-types.ts'
import { render } from 'preact'
import { loadConfig } from './state/config.ts'
import { Inspector } from './state/inspector.ts'
import { DebugView } from './view/debug-view.tsx'

const inspector = new Inspector(await loadConfig())
const root = document.querySelector('#app')
if (root) render(<DebugView inspector={inspector} />, root)
await inspector.begin()
