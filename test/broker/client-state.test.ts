import { describe, expect, test } from 'vitest'
import { NS_CSI } from '../../src/protocol/xep-0352-csi.ts'
import { type BrokerStage, brokerStage } from '../support/fakes/broker-stage.ts'

const said = ({ upstream }: BrokerStage): string[] =>
  upstream.sent.filter(({ ns }) => ns === NS_CSI).map(({ name }) => name)

function stageThatWants(wants = true): BrokerStage {
  const stage = brokerStage({ management: 'resumes' })
  stage.upstream.server.clientState = wants
  return stage
}

const breakOff = async (stage: BrokerStage): Promise<void> => {
  stage.upstream.stream.end('closed')
  await stage.settle()
  stage.clock.advance(1_000)
  await stage.settle()
}

describe('whether anybody looks', () => {
  test('is told once for each change of all tabs together', async () => {
    const stage = stageThatWants()
    const [t1, t2] = [stage.attach('t1'), stage.attach('t2')]
    await t1.signIn()
    await t2.signIn({ hidden: true })
    expect(said(stage)).toEqual(['active'])

    await t1.call('visible', { hidden: true })
    await t1.call('visible', { hidden: true })
    expect(said(stage)).toEqual(['active', 'inactive'])
    await t2.call('visible', { hidden: false })
    await t1.call('visible', { hidden: false })
    await t2.call('visible', { hidden: true })

    expect(said(stage)).toEqual(['active', 'inactive', 'active'])
  })

  test('is not the case when the last tab that was looked at is gone', async () => {
    const stage = stageThatWants()
    const [t1, t2] = [stage.attach('t1'), stage.attach('t2')]
    await t1.signIn()
    await t2.signIn({ hidden: true })

    t1.attached.detach()
    await stage.settle()

    expect(said(stage)).toEqual(['active', 'inactive'])
  })

  test.each([true, false])('is told anew in each session, also one that goes on: %s', async (resumes) => {
    const stage = stageThatWants()
    stage.upstream.server.resumes = resumes
    await stage.attach('t1').signIn({ hidden: true })

    await breakOff(stage)

    expect(said(stage)).toEqual(['inactive', 'inactive'])
  })

  test('is told as it is when the session goes on, whatever changed meanwhile', async () => {
    const stage = stageThatWants()
    const tab = stage.attach('t1')
    await tab.signIn()
    stage.upstream.stream.end('closed')
    await stage.settle()
    await tab.call('visible', { hidden: true })
    stage.clock.advance(1_000)
    await stage.settle()

    expect(said(stage)).toEqual(['active', 'inactive'])
  })

  test('is no stanza: neither side counts it', async () => {
    const stage = stageThatWants()
    const tab = stage.attach('t1')
    await tab.signIn()
    const before = stage.upstream.sent.length

    await tab.call('visible', { hidden: true })
    await breakOff(stage)

    expect(stage.upstream.sent.slice(before).map(({ name }) => name)).toEqual(['inactive', 'inactive'])
  })

  test('is not told again where it came with the sign-in, and is where that has changed', async () => {
    const stage = stageThatWants()
    stage.upstream.server.inline = true
    const tab = stage.attach('t1')
    await tab.signIn({ hidden: true })
    expect(stage.upstream.stream.credentials.inactive).toBe(true)
    expect(said(stage)).toEqual([])

    await tab.call('visible', { hidden: false })
    expect(said(stage)).toEqual(['active'])
    stage.upstream.server.resumes = false
    await breakOff(stage)

    expect(stage.upstream.stream.credentials.inactive).toBe(false)
    expect(said(stage)).toEqual(['active', 'active'])
  })

  test('is told to no server that does not want to hear it', async () => {
    const stage = stageThatWants(false)
    const tab = stage.attach('t1')
    await tab.signIn()

    await tab.call('visible', { hidden: true })
    await breakOff(stage)

    expect(said(stage)).toEqual([])
  })
})
