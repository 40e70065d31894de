// Signing in without a password, by a token of the server (XEP-0484).
import { expect } from 'expect'
import { untilRemembered } from '../../support/browser/remembered.ts'
import type { CallFailed } from '../../support/browser/tab.ts'
import { PASSWORD } from '../../support/stage.ts'
import { type Case, conform, type Setting } from '../case.ts'

const needs = ['sign-in by a token'] as const
/** A worker that ends with its tab: the next one has nothing but what is stored. */
const OWN_WORKER = { sharedWorker: 'never' } as const

/** A tab that signs in by its password, and is gone once the server has given a token. */
async function remembered(setting: Setting): Promise<void> {
  const tab = await setting.tab({ ...OWN_WORKER, remember: true })
  await untilRemembered(tab.page, setting.account)
  await tab.close()
}

/** Signs in with nothing but the address of the account. @returns the code of the failure */
async function byToken({ account, wire, openTab }: Setting): Promise<string | undefined> {
  const tab = await openTab()
  return tab.connect({ jid: account, service: wire.url, ...OWN_WORKER }).then(
    () => undefined,
    ({ code }: CallFailed) => code,
  )
}

const secretsOn = ({ wire }: Setting): string[] =>
  wire.frames.all.flatMap(({ text }) => /\btoken=["'](secret-token:[^"']+)/.exec(text)?.[1] ?? [])

export const signingIn: readonly Case[] = [
  conform(
    'F01',
    'An account that is to be remembered is online again without its password, in one step, and nothing shows the token.',
    async (setting) => {
      const { wire, opened } = setting
      await remembered(setting)
      const { connections } = wire.figures()

      expect(await byToken(setting)).toBeUndefined()

      const said = wire.frames.all.filter(({ dir, connection }) => dir === 'up' && connection > connections)
      expect(said.slice(0, 2).map(({ text }) => /^<(\w+)/.exec(text)?.[1])).toEqual(['open', 'authenticate'])
      expect(said.some(({ text }) => text.startsWith('<response'))).toBe(false)
      expect(secretsOn(setting)).not.toEqual([])
      const shown = JSON.stringify(await opened.at(-1)?.inspect())
      for (const secret of [PASSWORD, 'secret-token', ...secretsOn(setting)]) expect(shown).not.toContain(secret)
    },
    { needs },
  ),

  conform(
    'F02',
    'Where nothing was to be remembered, and behind a logout, a password is wanted.',
    async (setting) => {
      expect(await byToken(setting)).toBe('credentials-required')
      await remembered(setting)
      const last = await setting.tab({ ...OWN_WORKER, remember: true })

      await last.account('logout')

      expect(await byToken(setting)).toBe('credentials-required')
    },
    { needs },
  ),

  conform(
    'F03',
    'A token that the server refuses is forgotten: a password is wanted, and with it the account is remembered anew.',
    async (setting) => {
      const { wire } = setting
      await remembered(setting)
      const off = wire.rule(({ dir, text }) =>
        dir === 'up' ? { replace: text.replace(/<user-agent id="[^"]*"/, '<user-agent id="another"') } : 'pass',
      )
      expect(await byToken(setting)).toBe('credentials-required')
      off()
      const { connections } = wire.figures()
      expect(await byToken(setting)).toBe('credentials-required')
      expect(wire.figures().connections).toBe(connections)

      await remembered(setting)

      expect(await byToken(setting)).toBeUndefined()
    },
    { needs },
  ),
]
