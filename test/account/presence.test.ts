import { describe, expect, test } from 'vitest'
import { FIRST_PRESENCE, type PresenceInput, type PresenceState, stepPresence } from '../../src/account/presence.ts'
import type { Activity, Show } from '../../src/contract/model.ts'

const chosen = (show: Show, status?: string): PresenceInput => ({
  on: 'chosen',
  presence: { show, ...(status !== undefined && { status }) },
})
const activity = (tab: string, what: Activity): PresenceInput => ({ on: 'activity', tab, activity: what })
const gone = (tab: string): PresenceInput => ({ on: 'tab-gone', tab })

/** What the server is told, one after the other. */
function told(...inputs: readonly PresenceInput[]): string[] {
  let state: PresenceState = FIRST_PRESENCE
  return inputs.flatMap((input) => {
    const [next, changed] = stepPresence(state, input)
    state = next
    return changed ? [[next.effective.show, next.effective.status].filter(Boolean).join(' ')] : []
  })
}

test('a priority is told by itself, and stays whatever tabs do', () => {
  const words = (priority: number): PresenceInput => ({ on: 'chosen', presence: { show: 'online', priority } })
  const inputs = [words(5), words(5), activity('t1', 'away'), words(-1)]
  let state = FIRST_PRESENCE
  const priorities = inputs.map((input) => {
    const [next, changed] = stepPresence(state, input)
    state = next
    return changed ? next.effective.priority : 'nothing'
  })

  expect(priorities).toEqual([5, 'nothing', 5, -1])
})

test('one active tab is what others see already', () => {
  expect(told(activity('t1', 'active'))).toEqual([])
})

describe('the most active tab decides', () => {
  test('one idle tab beside an active one shows nothing', () => {
    expect(told(activity('t1', 'active'), activity('t2', 'away'), activity('t2', 'xa'))).toEqual([])
  })

  test('when all are idle that is told, once', () => {
    expect(
      told(activity('t1', 'active'), activity('t2', 'away'), activity('t1', 'away'), activity('t1', 'xa')),
    ).toEqual(['away'])
  })

  test('when one is active again that is told, once', () => {
    const idle = [activity('t1', 'away'), activity('t2', 'away')]

    expect(told(...idle, activity('t2', 'active'), activity('t1', 'active'))).toEqual(['away', 'online'])
  })

  test('when the active one goes the others decide', () => {
    expect(told(activity('t1', 'active'), activity('t2', 'away'), gone('t1'))).toEqual(['away'])
  })

  test('when the last one goes nothing is told: it may be a reload', () => {
    expect(told(activity('t1', 'away'), gone('t1'), activity('t1b', 'away'))).toEqual(['away'])
  })
})

describe('the person’s word', () => {
  test.each(['away', 'xa', 'dnd'] as const)('%s counts for more than any activity', (show) => {
    expect(
      told(activity('t1', 'active'), chosen(show, 'busy'), activity('t1', 'away'), activity('t1', 'active')),
    ).toEqual([`${show} busy`])
  })

  test.each(['chat', 'online'] as const)('%s gives way to idleness, with its text', (show) => {
    expect(
      told(activity('t1', 'active'), chosen(show, 'here'), activity('t1', 'away'), activity('t1', 'active')),
    ).toEqual([`${show} here`, 'away here', `${show} here`])
  })

  test('the last one counts, in whichever tab it was said', () => {
    expect(told(activity('t1', 'active'), chosen('dnd'), chosen('away'), chosen('online'))).toEqual([
      'dnd',
      'away',
      'online',
    ])
  })

  test('said twice is told once', () => {
    expect(told(activity('t1', 'active'), chosen('dnd', 'busy'), chosen('dnd', 'busy'))).toEqual(['dnd busy'])
  })

  test('taken back leaves the tabs to decide', () => {
    expect(told(activity('t1', 'away'), chosen('dnd'), { on: 'chosen', presence: undefined })).toEqual([
      'away',
      'dnd',
      'away',
    ])
  })

  test('counts though no tab has said how active it is', () => {
    expect(told(chosen('dnd', 'busy'))).toEqual(['dnd busy'])
  })
})

test('a step leaves the state that it was given as it was', () => {
  const before = stepPresence(FIRST_PRESENCE, activity('t1', 'away'))[0]

  stepPresence(before, activity('t2', 'active'))

  expect([...before.activity]).toEqual([['t1', 'away']])
  expect(FIRST_PRESENCE.activity.size).toBe(0)
})
