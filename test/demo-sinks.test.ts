// In the page of the demo and in what is published nothing that came from elsewhere is ever parsed as markup or code.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

const SINKS =
  /\b(?:innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|setHTMLUnsafe|DOMParser|createContextualFragment|srcdoc|srcDoc|eval|execScript)\b|\bdocument\.write(?:ln)?\b|\bnew Function\b|\bjavascript:|\bset(?:Timeout|Interval)\(\s*['"`]|\bsetAttribute\(\s*['"]on/

const files = ['demo', 'src'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(?:tsx?|html)$/.test(file))
    .map((file) => join(folder, file)),
)
const sourceOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8')

test.each(files)('%s takes no text for markup or code', (file) => {
  expect(sourceOf(file).match(SINKS)?.[0]).toBeUndefined()
})

test.each([
  'p.innerHTML = body',
  '<p dangerouslySetInnerHTML={{ __html: body }} />',
  'document.write(body)',
  "setTimeout('run()', 1)",
  'new Function(body)',
  'a.href = "javascript:" + body',
])('it would be found: %s', (code) => {
  expect(code).toMatch(SINKS)
})

describe('a link that opens elsewhere', () => {
  /** The page itself, once more: it is to have a way back. */
  const OWN = 'href={here}'
  const links = files.flatMap((file) => sourceOf(file).match(/<a\b[^>]*target="_blank"[^>]*>/g) ?? [])

  test('is there', () => {
    expect(links.filter((link) => !link.includes(OWN))).not.toEqual([])
  })

  test.each(links.filter((link) => !link.includes(OWN)))('has no way back: %s', (link) => {
    expect(link).toContain('rel="noopener noreferrer"')
  })
})
