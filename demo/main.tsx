import './trusted-types.ts'
import { render } from 'preact'
import { App } from './state/app.ts'
import { loadConfig } from './state/config.ts'
import { AppView } from './view/app-view.tsx'

const app = new App(await loadConfig())
const root = document.querySelector('#app')
if (root) render(<AppView app={app} />, root)
await app.begin()
