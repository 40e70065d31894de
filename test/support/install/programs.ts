import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What the tests and the demo run besides Node. */
export type Program =
  | 'prosody'
  | 'prosody13'
  | 'chromium'
  | 'chromium-headless-shell'
  | 'ejabberd'
  | 'firefox'
  | 'webkit-driver'
  | 'webkit-minibrowser'
  | 'xvfb'

/** Where a program is looked for, and what brings it. */
export type Origin = {
  /** The environment variable that names another one, by path or by a name on PATH. */
  readonly variable: string
  /** Names on PATH, and absolute paths; the first that can be executed is taken. */
  readonly places: readonly string[]
  readonly debianPackages: readonly string[]
  /** Arguments of `brew install`. */
  readonly homebrew: readonly string[]
  /** It is taken from Debian's backports without being installed, so that it can be beside the stock one. */
  readonly unpacked?: boolean
}

/** Where it is taken to. */
export const UNPACKED = fileURLToPath(new URL('../../../.cache/prosody13', import.meta.url))

/**
 * The origin of each program.
 *
 * `ejabberd` stands for its script `ejabberdctl`: the script says which Erlang and which libraries belong to it.
 * Its folder, `/usr/sbin`, is not on the PATH of ordinary users of Debian.
 */
export const PROGRAMS: Readonly<Record<Program, Origin>> = {
  prosody: {
    variable: 'PROSODY',
    places: ['prosody', '/usr/bin/prosody', '/opt/homebrew/bin/prosody', '/usr/local/bin/prosody'],
    debianPackages: ['prosody', 'prosody-modules', 'lua-dbi-sqlite3', 'lua-unbound'],
    homebrew: ['prosody/prosody/prosody'],
  },
  // What it needs besides is what the stock one needs.
  prosody13: {
    variable: 'PROSODY13',
    places: [join(UNPACKED, 'usr/bin/prosody')],
    debianPackages: ['prosody', 'prosody-modules', 'lua-dbi-sqlite3', 'lua-unbound'],
    homebrew: [],
    unpacked: true,
  },
  ejabberd: {
    variable: 'EJABBERD',
    places: [
      'ejabberdctl',
      '/usr/sbin/ejabberdctl',
      '/opt/homebrew/sbin/ejabberdctl',
      '/opt/homebrew/opt/ejabberd/sbin/ejabberdctl',
      '/usr/local/sbin/ejabberdctl',
    ],
    debianPackages: ['ejabberd', 'erlang-p1-sqlite3'],
    homebrew: ['ejabberd'],
  },
  chromium: {
    variable: 'CHROMIUM',
    places: [
      'chromium',
      'chromium-browser',
      'google-chrome',
      'google-chrome-stable',
      '/usr/bin/chromium',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    ],
    debianPackages: ['chromium'],
    homebrew: ['--cask', 'google-chrome'],
  },
  'chromium-headless-shell': {
    variable: 'CHROMIUM_HEADLESS_SHELL',
    places: ['chromium-headless-shell', '/usr/bin/chromium-headless-shell'],
    debianPackages: ['chromium-headless-shell'],
    homebrew: ['chromium-headless-shell'],
  },
  firefox: {
    variable: 'FIREFOX',
    places: [
      'firefox-esr',
      'firefox',
      '/usr/bin/firefox-esr',
      '/Applications/Firefox.app/Contents/MacOS/firefox',
      '/opt/homebrew/bin/firefox',
    ],
    debianPackages: ['firefox-esr'],
    homebrew: ['--cask', 'firefox'],
  },
  // WebKitGTK is there on Linux alone: a Mac has none of the three.
  'webkit-driver': {
    variable: 'WEBKIT_DRIVER',
    places: ['WebKitWebDriver', '/usr/bin/WebKitWebDriver'],
    debianPackages: ['webkit2gtk-driver'],
    homebrew: [],
  },
  'webkit-minibrowser': {
    variable: 'WEBKIT_MINIBROWSER',
    places: ['x86_64', 'aarch64'].map((machine) => `/usr/lib/${machine}-linux-gnu/webkit2gtk-4.1/MiniBrowser`),
    debianPackages: ['webkit2gtk-driver'],
    homebrew: [],
  },
  xvfb: { variable: 'XVFB', places: ['Xvfb'], debianPackages: ['xvfb'], homebrew: [] },
}

/** The full path of an executable file: of `name` itself if it holds a slash, else of the first such name on PATH. */
export function executable(name: string): string | undefined {
  const candidates = name.includes('/')
    ? [name]
    : (process.env['PATH'] ?? '')
        .split(delimiter)
        .filter((folder) => folder !== '')
        .map((folder) => join(folder, name))
  return candidates.find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false // not there, or not for us: both mean "not this one"
  }
}
