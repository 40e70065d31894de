import { child } from '../../src/protocol/xml.ts'
import { fakeUpstream } from '../support/fakes/fake-upstream.ts'
import { escapeXml } from '../support/fakes/xml.ts'
import { upstreamContract } from './upstream-contract.ts'

const ACCOUNT = 'juliet@capulet.example'

// The fake is what the tests of the broker stand on: it must keep what the real one keeps (test/support-tests).
upstreamContract('fakeUpstream', async () => {
  const upstream = fakeUpstream({
    accounts: { [ACCOUNT]: 'secret' },
    services: ['wss://capulet.example/'],
    onSent(node, stream) {
      const { id = '', to } = node.attrs
      if (child(node, 'urn:xmpp:ping', 'ping')) stream.deliver(`<iq type='result' id='${id}'/>`)
      const body = node.name === 'message' && node.children[0]
      if (to?.startsWith(ACCOUNT) && body && typeof body !== 'string') {
        const text = escapeXml(body.children.join(''))
        stream.deliver(`<message from='${to}' id='${id}' type='chat'><body>${text}</body></message>`)
      }
    },
  })
  return {
    upstream,
    credentials: { account: ACCOUNT, service: ['wss://capulet.example/'], password: 'secret', allowPlain: false },
    nobody: 'wss://nobody.example/',
    cut: () => {
      for (const stream of upstream.streams) stream.end('closed')
    },
  }
})
