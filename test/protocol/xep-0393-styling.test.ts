import { describe, expect, test } from 'vitest'
import { parseStyling, type StyledBlock, type StyledSpan } from '../../src/protocol/xep-0393-styling.ts'

const MARKS = { strong: 'B', emphasis: 'I', strike: 'S' } as const
/** Spans as a line of text, each in brackets with its letter. */
const spans = (all: readonly StyledSpan[]): string =>
  all
    .map((span) => {
      if ('spans' in span) return `${MARKS[span.kind]}[${spans(span.spans)}]`
      return span.kind === 'code' ? `C[${span.text}]` : span.text
    })
    .join('')
const blocks = (all: readonly StyledBlock[]): unknown[] =>
  all.map((block) => {
    if (block.kind === 'line') return spans(block.spans)
    return block.kind === 'quote' ? { quote: blocks(block.blocks) } : { pre: block.text }
  })
const styled = (text: string): unknown => blocks(parseStyling(text))

describe('spans', () => {
  test.each([
    ['plain', 'plain'],
    ['', ''],
    ['a *strong* b', 'a B[strong] b'],
    ['_emphasis_ ~strike~ `code`', 'I[emphasis] S[strike] C[code]'],
    ['*strong*plain*', 'B[strong]plain*'],
    ['* plain *strong*', '* plain B[strong]'],
    ['not strong*', 'not strong*'],
    ['*not strong', '*not strong'],
    ['* not strong*', '* not strong*'],
    ['*not strong *', '*not strong *'],
    ['a*not strong*', 'a*not strong*'],
    ['**', '**'],
    ['***', '***'],
    ['****', '****'],
    ['**not strong**', '**not strong**'],
    ['*strong _emphasis_ ~strike~*', 'B[strong I[emphasis] S[strike]]'],
    ['*_both_*', 'B[I[both]]'],
    ['`*code*`', 'C[*code*]'],
    ['*a _b* c_', 'B[a _b] c_'],
    ['*😀*', 'B[😀]'],
  ])('%j is %j', (text, expected) => {
    expect(styled(text)).toEqual([expected])
  })

  test('do not go beyond their line', () => {
    expect(styled('*not\nstrong*')).toEqual(['*not', 'strong*'])
  })
})

describe('blocks', () => {
  test('a fence keeps everything in it, and what stands behind it says nothing', () => {
    expect(styled('```ts\n*x*\n> y\n```\n*z*')).toEqual([{ pre: '*x*\n> y' }, 'B[z]'])
  })

  test('a fence that is not closed goes to the end, and only a line of its own closes it', () => {
    expect(styled('```\na\n``` b')).toEqual([{ pre: 'a\n``` b' }])
  })

  test('quotations are one as long as their lines follow each other, and hold blocks themselves', () => {
    expect(styled('> *a*\n>> b\n> ```\n>   c\nd')).toEqual([{ quote: ['B[a]', { quote: ['b'] }, { pre: '  c' }] }, 'd'])
  })
})

test('what is made to be slow or deep is neither', () => {
  expect(styled('>'.repeat(60_000))).toHaveLength(1)
  expect(styled('*a _b ~c `d '.repeat(10_000))).toHaveLength(1)
  expect(styled('*a* '.repeat(20_000))).toHaveLength(1)
})
