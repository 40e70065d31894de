// What the cases of attacks do.
import { expect } from 'expect'
import type { RawClient } from '../support/raw-client.ts'
import type { Setting } from './case.ts'
import { only, settle } from './steps.ts'

/** Sends a stanza as it is written. */
export const says = (client: RawClient, xml: string): void =>
  client.send(xml.replace(/^<(?:message|presence|iq)/, "$& xmlns='jabber:client'"))

/**
 * The session is one without counts (XEP-0198): what is said in the server's place would make them wrong. To be said
 * before a tab signs in.
 */
export function uncounted({ wire }: Setting): void {
  wire.rule(({ dir, text }) =>
    dir === 'down' && text.includes('features') && text.includes('<sm ')
      ? { replace: text.replace(SASL2, '').replace(/<sm [^>]*?(?:\/>|>.*?<\/sm>)/g, '') }
      : 'pass',
  )
}

/** With it the server counts as soon as the session is bound. */
const SASL2 = /<authentication .*<\/authentication>/

/** By a binding of its own, or with the sign-in. */
const BOUND = /<(?:jid|authorization-identifier)>([^<]+\/[^<]+)/

/** The address under which the account is online. */
export async function fullJid({ wire }: Setting): Promise<string> {
  const { text } = await wire.waitForFrame(({ dir, text }) => dir === 'down' && BOUND.test(text), 10_000)
  return BOUND.exec(text)?.[1] ?? ''
}

/** The next thing that somebody says in the room arrives: told once to every tab that is there. */
export async function goodIsUnderstood(setting: Setting): Promise<void> {
  const { bob, room, opened } = setting
  const body = `good ${setting.wire.frames.mark()}`
  await bob.say(room, body)
  for (const tab of opened) await tab.untilMessage(body)
  await settle(setting)
  for (const tab of opened)
    expect(only(await tab.told(room), 'message').filter(({ event }) => event.body === body)).toHaveLength(1)
}

/** The records of the worker's log that hold that text. */
export async function logged({ opened }: Setting, text: string): Promise<string[]> {
  const { log = [] } = (await opened[0]?.inspect()) ?? {}
  return log.map((record) => record.text).filter((each) => each.includes(text))
}
