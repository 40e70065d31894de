import { aptInstall, installBy } from './install/apt.ts'
import { executable, PROGRAMS, type Program, UNPACKED } from './install/programs.ts'
import { unpackBackports } from './install/unpack.ts'

export type { Program } from './install/programs.ts'

const LINE_LENGTH = 100

/**
 * The full path of a program, or `undefined` if it is not installed.
 *
 * An environment variable such as `PROSODY`, `CHROMIUM`, `EJABBERD` or `FIREFOX` names another one, by path or by a name
 * on PATH; else PATH and the usual places of Debian and of macOS are searched. For `ejabberd` this is `ejabberdctl`.
 *
 * @throws Error when the variable names something that cannot be executed: never silently another program
 */
export function findProgram(program: Program): string | undefined {
  const { variable, places } = PROGRAMS[program]
  const named = process.env[variable]
  if (named === undefined || named === '') return places.map(executable).find((path) => path !== undefined)
  const path = executable(named)
  if (path === undefined) throw new Error(`${variable} names ${named}, which is not an executable file`)
  return path
}

/**
 * The path of each program, after installing what is missing: with apt-get, or with Homebrew on macOS.
 *
 * Leaves no service running. Takes minutes when there is much to download; `say` gets each line of the installer,
 * cut to one short line. With nothing missing it says nothing and starts nothing.
 *
 * @throws Error that names the packages to install by hand and the environment variables that name other programs
 */
export async function ensurePrograms<P extends Program>(
  programs: readonly P[],
  { say }: { readonly say: (line: string) => void },
): Promise<Record<P, string>> {
  const missing = programs.filter((program) => findProgram(program) === undefined)
  if (missing.length > 0) {
    say(`installing ${missing.join(', ')}`)
    await install(missing, (line) => (telling(line) ? say(shortened(line)) : undefined)).catch((reason: unknown) => {
      throw new Error(byHand(missing, reason instanceof Error ? reason.message : String(reason)))
    })
  }
  const paths: Partial<Record<P, string>> = {}
  for (const program of programs) {
    const path = findProgram(program)
    if (path === undefined) throw new Error(byHand([program], 'it is not where it should be after its installation'))
    paths[program] = path
  }
  return paths as Record<P, string> // sound: the loop has set every one of them
}

async function install(missing: readonly Program[], say: (line: string) => void): Promise<void> {
  if (executable('apt-get') !== undefined) {
    const needsStock = missing.includes('prosody13') && findProgram('prosody') === undefined
    const installed = missing.filter((program) => !PROGRAMS[program].unpacked || needsStock)
    if (installed.length > 0) await aptInstall(packagesOf(installed), say)
    if (missing.includes('prosody13')) await unpackBackports(['prosody', 'prosody-modules'], UNPACKED, say)
    return
  }
  const brew = process.platform === 'darwin' ? executable('brew') : undefined
  if (brew === undefined) throw new Error('there is neither apt-get nor, on macOS, Homebrew')
  const absent = missing.filter((program) => PROGRAMS[program].homebrew.length === 0)
  if (absent.length > 0) throw new Error(`Homebrew has no ${absent.join(', no ')}`)
  for (const program of missing) await installBy(brew, ['install', ...PROGRAMS[program].homebrew], say)
}

function byHand(missing: readonly Program[], reason: string): string {
  const brewed = missing.map((program) => PROGRAMS[program].homebrew).filter((args) => args.length > 0)
  const variables = missing.map((program) => `${PROGRAMS[program].variable}=/path/of/${program}`).join(' ')
  return [
    `cannot install ${missing.join(', ')}: ${reason}.`,
    `By hand on Debian or Ubuntu: apt-get install --no-install-recommends ${packagesOf(missing).join(' ')}`,
    ...(brewed.length > 0
      ? [`By hand on macOS: ${brewed.map((args) => `brew install ${args.join(' ')}`).join(' && ')}`]
      : []),
    `Or name programs that are somewhere else: ${variables}`,
  ].join('\n')
}

/** One package may bring several programs. */
function packagesOf(programs: readonly Program[]): readonly string[] {
  return [...new Set(programs.flatMap((program) => PROGRAMS[program].debianPackages))]
}

/** Whether a line is news: not empty, and not one of twenty steps of dpkg's own progress. */
function telling(line: string): boolean {
  return line.trim() !== '' && !/^\(Reading database \.\.\. \d+%/.test(line)
}

function shortened(line: string): string {
  const flat = line.replace(/\s+/g, ' ').trim()
  return flat.length <= LINE_LENGTH ? flat : `${flat.slice(0, LINE_LENGTH - 1)}…`
}
