import { describe, expect, test, vi } from 'vitest'
import { saslFailure } from '../support/fakes/scripted-server.ts'
import { scriptedStage } from './scripted-stage.ts'

const NS_SASL = 'urn:ietf:params:xml:ns:xmpp-sasl'
const RESUME = { id: 's1', fullJid: 'juliet@localhost/web-1', taken: 3 }
const { serve, connect } = scriptedStage()

const namesOf = (received: readonly string[]): string[] => received.map((frame) => /^<(\w+)/.exec(frame)?.[1] ?? '')

describe('a session that is to go on', () => {
  test('is begun without waiting for the server to say what the session before has shown', async () => {
    const server = await serve({ silent: true })

    connect({ resume: { ...RESUME, mechanism: 'PLAIN' } })

    await vi.waitFor(() => expect(namesOf(server.received)).toEqual(['open', 'auth']))
  })

  test('is asked for behind the proof at once', async () => {
    const onAuth = (): string => `<success xmlns='${NS_SASL}'/>`
    // The second opening is answered with nothing.
    const server = await serve({ keepsSessions: true, onAuth, silentBehindSuccess: true })

    connect({ resume: { ...RESUME, mechanism: 'PLAIN' } })

    await vi.waitFor(() => expect(namesOf(server.received)).toEqual(['open', 'auth', 'open', 'resume']))
  })

  test('is begun in order where it is not known how the one before was', async () => {
    const server = await serve({ keepsSessions: true })

    connect({ resume: RESUME })

    await vi.waitFor(() => expect(namesOf(server.received)).toEqual(['open', 'auth', 'open', 'resume']))
    expect(server.connections()).toBe(1)
  })

  test('is begun in order by a mechanism that the server has, where it has not that of before any more', async () => {
    const server = await serve({
      mechanisms: ['PLAIN'],
      onSasl: () => (word) =>
        word.attrs['mechanism'] === 'PLAIN' ? `<success xmlns='${NS_SASL}'/>` : saslFailure('invalid-mechanism'),
    })

    const { bound } = connect({ resume: { ...RESUME, mechanism: 'SCRAM-SHA-1' } })

    expect(await bound).toMatchObject({ mechanism: 'PLAIN', session: 'new' })
    expect(server.connections()).toBe(2)
  })

  test('with a password that is wrong by now is refused, once more in order and then for good', async () => {
    const server = await serve({ onAuth: () => saslFailure('not-authorized') })

    const { ended } = connect({ resume: { ...RESUME, mechanism: 'PLAIN' } })

    expect(await ended).toMatchObject({ cause: 'not-authorized' })
    expect(server.connections()).toBe(2)
  })

  test('with a server that is not there is not tried twice', async () => {
    const { ended, upstream } = connect({ resume: { ...RESUME, mechanism: 'PLAIN' }, service: ['ws://127.0.0.1:1/'] })

    expect(await ended).toMatchObject({ cause: 'unreachable' })
    expect(upstream.figures().connections).toBe(1)
  })
})
