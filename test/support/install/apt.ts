import { executable } from './programs.ts'
import { runLines } from './run.ts'

/** Output that promises better luck next time: another apt at work, or a download that broke off. */
const PASSING = /could not get lock|unable to (?:acquire|lock)|failed to fetch|unable to fetch|temporary failure/i

/**
 * What root does. Arguments: the file that forbids packages to start their services, then the packages.
 *
 * A policy file that was there before stays untouched. Services that come new are switched off for the next boot too.
 * `apt-get update` may fail (another apt holds the lists, one source is down): the lists already there may do. The
 * wait for another apt's lock is in `apt-get install`.
 */
export const INSTALL_SCRIPT = `
export DEBIAN_FRONTEND=noninteractive
policy=$1
shift
trap 'exit 130' HUP INT TERM
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\\nexit 101\\n' >"$policy"
  chmod 755 "$policy"
fi
new_units=
for unit in prosody.service ejabberd.service epmd.service epmd.socket; do
  [ -e "/lib/systemd/system/$unit" ] || new_units="$new_units $unit"
done
apt-get update || echo 'apt-get update failed; trying with the package lists of before'
apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 -o Acquire::Retries=2 \\
  -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@" || exit
for unit in $new_units; do
  if [ -e "/lib/systemd/system/$unit" ]; then systemctl disable "$unit" || true; fi
done
`

/**
 * Debian packages, installed without starting any service, with one more try after a lock or a broken download.
 *
 * Needs root: directly, by `sudo` without a password, or, at a terminal, by `sudo` that asks for one.
 *
 * @throws Error that says why it was impossible, in words that end a sentence
 */
export async function aptInstall(packages: readonly string[], say: (line: string) => void): Promise<void> {
  const [command = 'sh', ...prefix] = [...(await becomingRoot()), 'sh']
  await installBy(command, [...prefix, '-c', INSTALL_SCRIPT, 'sh', '/usr/sbin/policy-rc.d', ...packages], say)
}

/** One command, run once more if its output promises better luck. */
export async function installBy(command: string, args: readonly string[], say: (line: string) => void): Promise<void> {
  const first = await runLines(command, args, say)
  if (first.code === 0) return
  if (!first.lines.some((line) => PASSING.test(line))) throw failed(first.lines)

  say('a lock or a download was in the way: trying once more')
  const second = await runLines(command, args, say)
  if (second.code !== 0) throw failed(second.lines)
}

function failed(lines: readonly string[]): Error {
  const telling = lines.findLast((line) => /^(?:E:|Error)/.test(line)) ?? lines.at(-1) ?? 'no output'
  return new Error(`the installation failed (${telling})`)
}

async function becomingRoot(): Promise<readonly string[]> {
  if (process.getuid?.() === 0) return []
  const sudo = executable('sudo')
  if (sudo === undefined) throw new Error('this user is not root and there is no sudo')
  if ((await runLines(sudo, ['-n', 'true'])).code === 0) return [sudo, '-n']
  if (!process.stdin.isTTY) throw new Error('sudo wants a password and there is no terminal to ask at')
  return [sudo]
}
