import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../src/storage/memory-store.ts'
import { brokerStage } from '../support/fakes/broker-stage.ts'
import { ACCOUNT } from '../support/fakes/room-xml.ts'

/** A worker that signs in by a mechanism, over the store of those before it. */
function lives() {
  const inner = memoryStore()
  const life = async (mechanism: string, words: { readonly allowDowngrade?: boolean } = {}) => {
    const stage = brokerStage({ store: { ...inner, close: () => undefined } })
    stage.upstream.server.mechanism = mechanism
    const reply = await stage.attach('t1').signIn(words)
    await stage.settle()
    return { stage, reply, credentials: stage.upstream.stream.credentials }
  }
  return { life, stored: async () => (await inner.left()).strongest }
}

describe('the mechanism of a sign-in', () => {
  test('is kept with the account, and asked for at the least by the next worker', async () => {
    const { life, stored } = lives()
    expect((await life('SCRAM-SHA-256')).credentials.strongest).toBeUndefined()

    expect(await stored()).toBe('SCRAM-SHA-256')
    expect((await life('SCRAM-SHA-256')).credentials.strongest).toBe('SCRAM-SHA-256')
  })

  test('is asked for at the least by the next connection', async () => {
    const { life } = lives()
    const { stage } = await life('SCRAM-SHA-256')

    stage.upstream.stream.end('closed')
    await stage.settle()
    stage.clock.advance(1_000)
    await stage.settle()

    expect(stage.upstream.streams).toHaveLength(2)
    expect(stage.upstream.stream.credentials.strongest).toBe('SCRAM-SHA-256')
  })

  test('replaces a weaker one, and is not replaced by it', async () => {
    const { life, stored } = lives()
    await life('SCRAM-SHA-1')
    await life('SCRAM-SHA-512')
    expect(await stored()).toBe('SCRAM-SHA-512')

    expect((await life('PLAIN')).reply).toMatchObject({ ok: false, error: { code: 'not-authorized' } })
    expect(await stored()).toBe('SCRAM-SHA-512')
  })

  test('may be a weaker one where the app says so: once, and then it is the one to be kept to', async () => {
    const { life, stored } = lives()
    await life('SCRAM-SHA-512')

    const { stage, reply } = await life('SCRAM-SHA-1', { allowDowngrade: true })

    expect(reply).toMatchObject({ ok: true })
    expect(await stored()).toBe('SCRAM-SHA-1')
    stage.upstream.stream.end('closed')
    await stage.settle()
    stage.clock.advance(1_000)
    await stage.settle()
    expect(stage.upstream.stream.credentials).toMatchObject({ strongest: 'SCRAM-SHA-1', allowDowngrade: false })
  })

  test.each(['ANONYMOUS', 'X-OF-TOMORROW'])(
    'is not kept where it proves nothing that we know: %s',
    async (mechanism) => {
      const { life, stored } = lives()

      await life(mechanism, { allowDowngrade: true })

      expect(await stored()).toBeUndefined()
    },
  )
})

describe('an account that the server makes up', () => {
  const OWN = '8f1c@capulet.example'

  test('is the one that the server named: answers to requests of ours are believed from it', async () => {
    const stage = brokerStage({ signIn: 'by-hand', onSent: () => undefined })
    const tab = stage.attach('t1')
    const signedIn = tab.signIn()
    await stage.settle()
    stage.upstream.stream.online(`${OWN}/web`)
    await signedIn
    const asked = tab.call('request', { type: 'get', payload: { name: 'q', ns: 'x', attrs: {}, children: [] } })
    await stage.settle()
    const { id } = stage.upstream.sent.at(-1)?.attrs ?? {}

    stage.upstream.stream.deliver(`<iq type='result' id='${id}' from='${ACCOUNT}'/>`)
    stage.upstream.stream.deliver(`<iq type='result' id='${id}' from='${OWN}'/>`)

    expect(await asked).toMatchObject({ ok: true, value: { attrs: { from: OWN } } })
  })
})
