import { expect, test } from 'vitest'
import { isMore, pageWish, readPage } from '../../src/protocol/xep-0059-rsm.ts'
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
  ['<first index="0">f</first><last>l</last><count>7</count>', { first: 'f', last: 'l', count: 7, index: 0 }],
  ['<last>l</last><first>f</first>', { first: 'f', last: 'l', count: undefined, index: undefined }],
  ['<count>0</count>', { first: undefined, last: undefined, count: 0, index: undefined }],
  ['<first/><last/><count>-1</count>', { first: undefined, last: undefined, count: undefined, index: undefined }],
  ['<count>1e9</count>', { first: undefined, last: undefined, count: undefined, index: undefined }],
])('<set>%s</set> is %j', (inside, page) => {
  expect(readPage(xml(`<fin><set xmlns='${NS}'>${inside}</set></fin>`))).toEqual(page)
})

test.each([
  ['all that there are', '<first>f</first><last>l</last><count>2</count>', 2, {}, false],
  ['fewer than are wanted, and not all', '<first>f</first><last>l</last><count>383</count>', 100, {}, true],
  ['the last of them', '<first index="381">f</first><last>l</last><count>383</count>', 2, { after: 'e' }, false],
  ['some in the middle', '<first index="100">f</first><last>l</last><count>383</count>', 100, { after: 'e' }, true],
  ['some, nobody knows where', '<first>f</first><last>l</last><count>383</count>', 100, { after: 'e' }, true],
  ['as many as are wanted, and nothing of the rest', '<last>l</last>', 500, {}, true],
  ['fewer than are wanted, and nothing of the rest', '<last>l</last>', 499, {}, false],
  ['none', '<count>383</count>', 0, { after: 'e' }, false],
])('a page with %s', (_what, inside, size, wish, more) => {
  const page = readPage(xml(`<fin><set xmlns='${NS}'>${inside}</set></fin>`))

  expect(isMore(page, size, { max: 500, ...wish })).toBe(more)
})

test.each(['<fin/>', "<fin><set xmlns='x'><first>f</first></set></fin>"])('%s says nothing of a page', (text) => {
  expect(readPage(xml(text))).toEqual({ first: undefined, last: undefined, count: undefined, index: undefined })
})
