import type { RoomPlan, RoomPreset } from '../contract/directory.ts'
import type { Form, FormValues } from '../protocol/xep-0004-forms.ts'

/** What everybody who comes to such a room counts on (XEP-0045 section 15.5.3). */
const PRESETS: Readonly<Record<RoomPreset, FormValues>> = {
  'public-channel': {
    'muc#roomconfig_publicroom': true,
    'muc#roomconfig_membersonly': false,
    'muc#roomconfig_passwordprotectedroom': false,
    'muc#roomconfig_whois': 'moderators',
    'muc#roomconfig_persistentroom': true,
  },
  'private-group': {
    'muc#roomconfig_publicroom': false,
    'muc#roomconfig_membersonly': true,
    'muc#roomconfig_whois': 'anyone',
    'muc#roomconfig_persistentroom': true,
    'muc#roomconfig_allowinvites': true,
  },
}

/** Without it strangers would read what members believe to be among themselves. */
const NEEDED: Readonly<Record<RoomPreset, readonly string[]>> = {
  'public-channel': [],
  'private-group': ['muc#roomconfig_membersonly'],
}

/** @returns how the form is to be filled in, as far as it has such fields; `undefined` where it cannot be such a room */
export function presetValues(form: Form, plan: RoomPlan): FormValues | undefined {
  const { preset, name, description, language, values } = plan
  const fields = new Map(form.fields.map((field) => [field.name, field]))
  if (!NEEDED[preset].every((needed) => fields.has(needed))) return undefined
  const wanted = Object.entries({
    ...PRESETS[preset],
    'muc#roomconfig_roomname': name,
    'muc#roomconfig_roomdesc': description,
    'muc#roomconfig_lang': language,
    ...values,
  })
  const filled = wanted.flatMap(([field, value]) => {
    const options = fields.get(field)?.options ?? []
    if (!fields.has(field) || value === undefined) return []
    const fits = options.length === 0 || [value].flat().every((each) => options.some((option) => option.value === each))
    return fits ? [[field, value] as const] : []
  })
  return Object.fromEntries(filled)
}
