import { connect } from 'minimix-web'
import type { Draft, drafts } from './worker.ts'

const worker = () => new SharedWorker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'minimix' })
const account = await connect({ jid: 'juliet@capulet.example', password: 'secret', worker })
const plugin = account.plugin<typeof drafts>('drafts')
const show = ({ room, text }: Draft) => console.log(room, text)

plugin.on('drafts', (all) => all.forEach(show))
plugin.on('draft', show)
await plugin.call('save', { room: 'garden@rooms.capulet.example', text: 'Good night, good ni' })
