import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Consumer, packInto } from '../support/consumer.ts'

const folder = mkdtempSync(join(tmpdir(), 'minimix-tested-'))
let consumer: Consumer

beforeAll(async () => {
  await packInto(folder)
  consumer = await Consumer.install('tested', folder)
}, 300_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('an application is tested with the packed package in plain Node, and the process ends by itself', async () => {
  expect(await consumer.test()).toMatch(/^# pass 3$/m)
})

test('such a test can fail', async () => {
  const wrong = "import test from 'node:test'\nimport { lastWords } from './last-words.js'\n"
  writeFileSync(join(consumer.folder, 'wrong.test.js'), `${wrong}test('no account', () => lastWords({}, 'x', 'y'))\n`)

  await expect(consumer.test()).rejects.toThrow(/# fail 1/)
})
