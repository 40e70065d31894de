import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { installBy } from './apt.ts'

const SOURCE = 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian'
const SUITE = 'bookworm-backports'

/**
 * Packages of Debian's backports in `folder`, which must not be there yet; nothing is installed, and no root is needed.
 *
 * apt works on lists and a cache of its own for it, so that the machine's stay as they are.
 *
 * @throws Error that says why it was impossible, in words that end a sentence
 */
export async function unpackBackports(
  packages: readonly string[],
  folder: string,
  say: (line: string) => void,
): Promise<void> {
  await mkdir(dirname(folder), { recursive: true })
  const place = await mkdtemp(`${folder}-`)
  try {
    const apt = await ownApt(place)
    await installBy('apt-get', [...apt, 'update'], say)
    // Into the working folder, whichever that is.
    const script = 'cd "$1" && shift && exec apt-get "$@"'
    await installBy('sh', ['-c', script, 'sh', join(place, 'debs'), ...apt, 'download', ...packages], say)
    for (const name of await readdir(join(place, 'debs')))
      await installBy('dpkg-deb', ['-x', join(place, 'debs', name), join(place, 'root')], say)
    await movePaths(join(place, 'root/usr/bin/prosody'), folder)
    await rename(join(place, 'root'), folder).catch(async (error: unknown) => {
      // Another run was first.
      if ((await readdir(folder).catch(() => [])).length === 0) throw error
    })
  } finally {
    await rm(place, { recursive: true, force: true })
  }
}

/** The options of an apt that has nothing in common with the machine's but its programs. */
async function ownApt(place: string): Promise<readonly string[]> {
  const folders = ['lists/partial', 'cache/archives/partial', 'debs', 'root']
  for (const each of folders) await mkdir(join(place, each), { recursive: true })
  await writeFile(join(place, 'sources.list'), `${SOURCE} ${SUITE} main\n`)
  const options = {
    'Dir::Etc::sourcelist': join(place, 'sources.list'),
    'Dir::Etc::sourceparts': '-',
    'Dir::State::lists': join(place, 'lists'),
    'Dir::Cache': join(place, 'cache'),
    // Root would else download as somebody who may not write here.
    'APT::Sandbox::User': 'root',
  }
  return Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`])
}

/** Its start script holds where it looks for its own parts. */
async function movePaths(script: string, folder: string): Promise<void> {
  const text = await readFile(script, 'utf8')
  await writeFile(script, text.replaceAll("'/usr/lib/prosody", `'${folder}/usr/lib/prosody`))
}
