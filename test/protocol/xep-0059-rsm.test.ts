import { expect, test } from 'vitest'
import { pageWish, readPage } from '../../src/protocol/xep-0059-rsm.ts'
import { writeXml, xml } from '../support/fakes/xml.ts'

const NS = 'http://jabber.org/protocol/rsm'

test.each([
  [{ max: 10 }, '<max>10</max>'],
  [{ max: 10, after: 'a&b' }, '<max>10</max><after>a&amp;b</after>'],
  [{ max: 10, before: 'x' }, '<max>10</max><before>x</before>'],
  // The last page (section 2.5).
  [{ max: 10, before: '' }, '<max>10</max><before/>'],
])('%j is written as <set>%s</set>', (wish, inside) => {
  expect(xml(writeXml(pageWish(wish)))).toEqual(xml(`<set xmlns='${NS}'>${inside}</set>`))
})

test.each([
  ['<first index="0">f</first><last>l</last><count>7</count>', { first: 'f', last: 'l', count: 7 }],
  ['<last>l</last><first>f</first>', { first: 'f', last: 'l', count: undefined }],
  ['<count>0</count>', { first: undefined, last: undefined, count: 0 }],
  ['<first/><last/><count>-1</count>', { first: undefined, last: undefined, count: undefined }],
  ['<count>1e9</count>', { first: undefined, last: undefined, count: undefined }],
])('<set>%s</set> is %j', (inside, page) => {
  expect(readPage(xml(`<fin><set xmlns='${NS}'>${inside}</set></fin>`))).toEqual(page)
})

test.each(['<fin/>', "<fin><set xmlns='x'><first>f</first></set></fin>"])('%s says nothing of a page', (text) => {
  expect(readPage(xml(text))).toEqual({ first: undefined, last: undefined, count: undefined })
})
