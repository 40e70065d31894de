import { expect, test } from 'vitest'
import type { RoomPlan } from '../../src/contract/directory.ts'
import { presetValues } from '../../src/features/room-preset.ts'
import type { Form, FormField } from '../../src/protocol/xep-0004-forms.ts'

const formOf = (...fields: readonly (string | FormField)[]): Form => ({
  type: 'form',
  fields: fields.map((field) =>
    typeof field === 'string'
      ? { name: `muc#roomconfig_${field}`, type: '', required: false, values: [], options: [] }
      : field,
  ),
})
const choice = (name: string, ...values: readonly string[]): FormField => ({
  name: `muc#roomconfig_${name}`,
  type: 'list-single',
  required: false,
  values: [],
  options: values.map((value) => ({ label: value, value })),
})
const filled = (form: Form, plan: Partial<RoomPlan>) => {
  const values = presetValues(form, { preset: 'public-channel', ...plan })
  return values && Object.fromEntries(Object.entries(values).map(([name, value]) => [name.split('_')[1], value]))
}
const ALL = ['publicroom', 'membersonly', 'passwordprotectedroom', 'whois', 'persistentroom', 'allowinvites'] as const

test('a public channel is found, open, lasting, and shows nobody', () => {
  expect(filled(formOf(...ALL), {})).toEqual({
    publicroom: true,
    membersonly: false,
    passwordprotectedroom: false,
    whois: 'moderators',
    persistentroom: true,
  })
})

test('a private group is hidden, for members, lasting, and shows its members to each other', () => {
  expect(filled(formOf(...ALL), { preset: 'private-group' })).toEqual({
    publicroom: false,
    membersonly: true,
    whois: 'anyone',
    persistentroom: true,
    allowinvites: true,
  })
})

test('only fields that the form has are filled in, with values that it offers', () => {
  expect(filled(formOf('publicroom'), { name: 'x' })).toEqual({ publicroom: true })
  expect(filled(formOf(choice('whois', 'anyone')), {})).toEqual({})
  expect(filled(formOf(choice('whois', 'anyone', 'moderators')), {})).toEqual({ whois: 'moderators' })
})

test('name, description, language and further values are taken, where they are given', () => {
  const form = formOf('roomname', 'roomdesc', 'lang', 'publicroom', choice('presencebroadcast', 'a', 'b'))
  const values = { 'muc#roomconfig_publicroom': false, 'muc#roomconfig_presencebroadcast': ['a', 'b'], x_y: 'z' }

  expect(filled(form, { name: 'N', description: 'D', language: 'eo', values })).toEqual({
    roomname: 'N',
    roomdesc: 'D',
    lang: 'eo',
    publicroom: false,
    presencebroadcast: ['a', 'b'],
  })
  expect(filled(form, {})).toEqual({ publicroom: true })
})

test('without members only there is no private group', () => {
  expect(presetValues(formOf('publicroom', 'whois'), { preset: 'private-group' })).toBeUndefined()
})
