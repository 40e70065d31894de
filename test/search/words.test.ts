import { describe, expect, test } from 'vitest'
import { hasWords, wantedWords, wordsOf } from '../../src/search/words.ts'

describe('the words of a text', () => {
  test.each([
    ['ASCII', 'Hello, World! 42', ['hello', 'world', '42']],
    ['Latin with diacritics', 'Crème Brûlée à Šibenik', ['creme', 'brulee', 'a', 'sibenik']],
    ['diacritics of their own', 'Cre\u0301me', ['creme']],
    ['German', 'Straße STRASSE ẞ Größe', ['strasse', 'strasse', 'ss', 'grosse']],
    ['Turkish, whose dotless i is another letter', 'İstanbul ISPARTA ısı', ['istanbul', 'isparta', 'ısı']],
    ['Vietnamese', 'Tiếng Việt', ['tieng', 'viet']],
    ['Greek, final sigma or not', 'ΟΔΟΣ οδός', ['οδοσ', 'οδοσ']],
    ['Cyrillic', 'Ёлка ЙОД', ['елка', 'иод']],
    ['Arabic, with vowels or without', 'السَّلامُ السلام', ['السلام', 'السلام']],
    ['Persian, joined or not', 'می\u200cخواهم میخواهم', ['میخواهم', 'میخواهم']],
    ['Hebrew, pointed or not', 'שָׁלוֹם שלום', ['שלום', 'שלום']],
    ['Hindi, whose vowels are marks', 'हिन्दी में', ['हिन्दी', 'में']],
    ['Korean', '한국어 공부', ['한국어'.normalize('NFKD'), '공부'.normalize('NFKD')]],
    ['Chinese', '我喜欢北京', ['我', '喜欢', '北京']],
    ['Chinese beside Latin', '新iPhone手机', ['新', 'iphone', '手机']],
    ['Thai', 'ฉันดื่มนม', ['ฉัน', 'ดื่ม', 'นม']],
    ['Thai with sara am', 'ทำงาน', ['ทำงาน'.normalize('NFKD')]],
    ['compatibility forms', 'ﬁne ＡＢＣ １２', ['fine', 'abc', '12']],
    ['a soft hyphen', 'Wör\u00adter', ['worter']],
    ['emoji, whatever the skin', 'ok 👍🏽❤️', ['ok', '👍', '❤']],
    ['emoji that are joined', '👨‍👩‍👧', ['👨', '👩', '👧']],
    ['flags', '🇩🇪🇫🇷', ['🇩🇪', '🇫🇷']],
    ['an URL', 'https://Example.com/a_b?c=d#é', ['https', 'example', 'com', 'a', 'b', 'c', 'd', 'e']],
    ['a mention', '@Ana-María: hi', ['ana', 'maria', 'hi']],
    ['apostrophes of both kinds', "l'été don’t", ['l', 'ete', 'don', 't']],
    ['letters beyond the first plane', '𝒜𝒷 𐐀', ['ab', '𐐨']],
    ['half of a character', 'a\ud800b', ['a', 'b']],
    ['punctuation alone', '… — !?', []],
    ['nothing', '', []],
  ])('%s', (_what, text, expected) => {
    expect(wordsOf(text)).toEqual(expected)
  })

  test('Japanese: the dictionary parts the words', () => {
    const words = wordsOf('東京タワーへ行きました')

    expect(words).toEqual(expect.arrayContaining(['東京タワー', 'へ']))
    expect(words.join('')).toBe('東京タワーへ行きました')
  })

  test('the voicing of kana makes another word', () => {
    expect(wordsOf('か')).not.toEqual(wordsOf('が'))
  })
})

describe('what a query looks for', () => {
  test('is each word once', () => {
    expect(wantedWords('Ana and ana AND')).toEqual(['ana', 'and'])
  })

  test('leaves out what another word begins with', () => {
    expect(wantedWords('he hello')).toEqual(['hello'])
  })

  test('is nothing without words', () => {
    expect(wantedWords(' .,')).toEqual([])
  })
})

describe('a text has the words of a query', () => {
  test.each([
    ['Über den Wolken', 'uber', true],
    ['Uber den Wolken', 'ÜBER wol', true],
    ['the quick brown fox', 'fo qui', true],
    ['the quick brown fox', 'uick', false],
    ['the quick brown fox', 'quick dog', false],
    ['see https://example.com/path', 'example.com', true],
    ['thanks @romeo', '@rom', true],
    ['我喜欢北京', '北京', true],
    ['我喜欢北京', '上海', false],
    ['ฉันดื่มนม', 'นม', true],
    ['great 🎉', '🎉', true],
    ['great 🎈', '🎉', false],
  ])('%j has %j: %s', (text, query, expected) => {
    expect(hasWords(text, wantedWords(query))).toBe(expected)
  })
})
