import { expect, test } from 'vitest'
import { type NotifyWhen, readNotify, withNotify } from '../../src/protocol/xep-0492-notifications.ts'
import { writeXml, xml } from '../support/fakes/xml.ts'

const NS = 'urn:xmpp:notification-settings:1'
const OLD = 'urn:xmpp:notification-settings:0'
const extensions = (inside: string): ReturnType<typeof xml> =>
  xml(`<extensions xmlns='urn:xmpp:bookmarks:1'>${inside}</extensions>`)
const notify = (inside: string, ns = NS): string => `<notify xmlns='${ns}'>${inside}</notify>`
const PHONE = "<never identity-category='client' identity-type='phone'/>"
const OTHER = "<pin xmlns='urn:example:pins'/>"

test.each<[NotifyWhen | undefined, string]>([
  ['always', notify('<always/>')],
  ['on-mention', notify('<on-mention/>')],
  ['never', notify('<never/>')],
  ['always', notify(`${PHONE}<always/>`)],
  ['never', notify('<never/>', OLD)],
  ['always', notify('<never/>', OLD) + notify('<always/>')],
  ['never', notify('<never/>', OLD) + notify(PHONE)],
  [undefined, notify(PHONE)],
  [undefined, notify('<sometimes/>')],
  [undefined, notify('<constructor/>')],
  [undefined, OTHER],
  [undefined, ''],
  [undefined, "<notify xmlns='urn:example:other'><always/></notify>"],
])('what counts for clients of every kind is %s in %s', (when, inside) => {
  expect(readNotify(extensions(inside))).toBe(when)
})

test('a bookmark without extensions says nothing', () => {
  expect(readNotify(undefined)).toBeUndefined()
})

test.each<[NotifyWhen | undefined, string, string]>([
  ['never', '', notify('<never/>')],
  ['never', notify('<always/>'), notify('<never/>')],
  ['always', OTHER + notify(PHONE), OTHER + notify(`<always/>${PHONE}`)],
  [
    'never',
    notify('<always><advanced><x xmlns="urn:x"/></advanced></always>'),
    notify('<never><advanced><x xmlns="urn:x"/></advanced></never>'),
  ],
  [
    'never',
    notify("<always client-type='mobile'/><always/>", OLD),
    notify("<always client-type='mobile'/>", OLD) + notify('<never/>'),
  ],
  [undefined, OTHER + notify('<always/>'), OTHER],
  [undefined, notify(`<always/>${PHONE}`), notify(PHONE)],
])('%s is written into %s, and all else stays', (when, before, after) => {
  const written = withNotify(extensions(before), when)

  expect(written).toEqual(extensions(after))
  expect(readNotify(written)).toBe(when)
})

test('extensions are made where there are none', () => {
  expect(writeXml(withNotify(undefined, 'always'))).toBe(writeXml(extensions(notify('<always/>'))))
})
