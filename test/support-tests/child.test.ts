import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { Child, RefusedError } from '../support/servers/child.ts'
import { isRunning, untilGone } from './processes.ts'

function shell(script: string): Child {
  return new Child('the shell', { command: 'sh', args: ['-c', script], folder: tmpdir() })
}

test('a line is found whether it comes before or after the waiting', async () => {
  const child = shell('echo one; echo two >&2; exec cat')

  await child.waitForLine('two', { deadlineMs: 5_000 })
  await child.waitForLine('one', { deadlineMs: 5_000 })
  await child.end('SIGKILL', 5_000)

  expect([...child.lines].sort()).toEqual(['one', 'two'])
})

test('the line of refusal ends the waiting', async () => {
  const child = shell('echo port taken; exec sleep 60')

  const waiting = child.waitForLine('ready', { refused: 'taken', deadlineMs: 5_000 })

  await expect(waiting).rejects.toThrow(RefusedError)
  await child.end('SIGKILL', 5_000)
})

test('the end of the child ends the waiting, and the error shows its last lines', async () => {
  const child = shell('echo no such module; exit 1')

  const waiting = child.waitForLine('ready', { deadlineMs: 5_000 })

  await expect(waiting).rejects.toThrow(/the shell: ended before its line "ready"\n {2}\| no such module/)
})

test('a command that does not exist ends the waiting', async () => {
  const child = new Child('nobody', { command: '/none/such', args: [], folder: tmpdir() })

  await expect(child.waitForLine('ready', { deadlineMs: 5_000 })).rejects.toThrow('nobody')
  await child.end('SIGKILL', 5_000)
})

test('the deadline ends the waiting', async () => {
  const child = shell('exec sleep 60')

  await expect(child.waitForLine('ready', { deadlineMs: 20 })).rejects.toThrow('no line "ready" within 20 ms')
  await child.end('SIGKILL', 5_000)
})

test('a child that ignores the signal is killed at the deadline, and that is an error', async () => {
  const child = shell('trap "" TERM; echo ready; while :; do sleep 0.05; done')
  await child.waitForLine('ready', { deadlineMs: 5_000 })

  await expect(child.end('SIGTERM', 100)).rejects.toThrow('still ran 100 ms after SIGTERM')

  expect(child.pid).toBeUndefined()
})

test.runIf(process.platform === 'linux')(
  'no child outlives a process that was killed',
  async () => {
    const script = `
    import { Child } from ${JSON.stringify(new URL('../support/servers/child.ts', import.meta.url).href)}
    const child = new Child('sleeper', { command: 'sleep', args: ['60'], folder: '/' })
    console.log(child.pid)
  `
    const parent = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script])
    const [line] = await once(parent.stdout, 'data')
    const pid = Number(String(line))
    expect(isRunning(pid)).toBe(true)

    parent.kill('SIGKILL')

    await untilGone(pid, 5_000)
    expect(isRunning(pid)).toBe(false)
  },
  30_000,
)
