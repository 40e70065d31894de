// How the worker is built as two files: the one that it is, and what it loads when that is first needed.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Plugin } from 'vite'

export const workerLater = (): Plugin[] => [fileBeside(), haveOwnCopies()]

/**
 * What the worker loads later is a file beside it, which bundlers are to copy as it is, leaving the rest to the browser: many
 * of them make a worker one file, in a format that has no parts, and under another name. So it cannot import what is there
 * already: that waits for it under a name that only the two of one build have.
 */
function fileBeside(): Plugin {
  const FROM_ENTRY = /import\{([^}]*)\}from["'`]\.\/[\w-]+\.js["'`];/
  const EXPORTS = /export\{([^}]*)\};?/
  /** `inner as outer`, or the one name for both. */
  const namesOf = (list: string): [inner: string, outer: string][] =>
    list.split(',').map((each) => {
      const [inner = '', outer = inner] = each.trim().split(' as ')
      return [inner, outer]
    })
  return {
    name: 'file-beside',
    apply: 'build',
    generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter((each) => each.type === 'chunk')
      const [entry, later] = [chunks.find(({ isEntry }) => isEntry), chunks.find(({ isEntry }) => !isEntry)]
      if (!entry || !later) return
      if (chunks.length > 2) throw new Error('what is loaded later must be one file')
      const place = `globalThis["minimix-web ${createHash('sha256').update(entry.code).digest('hex').slice(0, 16)}"]`
      const [, imported] = FROM_ENTRY.exec(later.code) ?? []
      const [, exported] = EXPORTS.exec(entry.code) ?? []
      if (imported === undefined || exported === undefined) throw new Error('the two files share nothing')
      const taken = namesOf(imported)
      const meant = this.getModuleInfo(entry.facadeModuleId ?? '')?.exports
      if (!meant) throw new Error('it is not known what the first file is to export')
      const own = namesOf(exported).filter(([, outer]) => meant.includes(outer))
      const given = new Map(namesOf(exported).map(([inner, outer]) => [outer, inner]))
      const [names, values] = [taken.map(([, inner]) => inner).join(','), taken.map(([outer]) => given.get(outer))]
      if (values.includes(undefined)) throw new Error('the first file does not give all that the second one wants')
      later.code = later.code.replace(FROM_ENTRY, () => `const[${names}]=${place};`)
      entry.code = entry.code
        .replace(EXPORTS, () => {
          return own.length > 0 ? `export{${own.map((names) => names.join(' as ')).join(',')}};` : ''
        })
        .replace(/\bimport\((["'`])(\.\/[\w-]+\.js)\1\)/g, (_all, _quote, file: string) => {
          const url = `new URL('${file}', import.meta.url).href`
          // Not before it is wanted: who imports a module is not to find that something has happened.
          return `(url=>(${place}=[${values.join(',')}],import(/* webpackIgnore: true */ /* @vite-ignore */ url)))(${url})`
        })
    },
  }
}

/**
 * Of what both files of a worker import, each module is in the first one, with all that the second one wants of it. Of these
 * the first wants little, and the second (`LATE`, and what it has its own of) has its own: they are functions alone, without
 * state. Without this all would work as well, by larger files.
 */
const TWICE =
  /\/src\/(protocol\/(chat-message|invites|room-config|voice-request|xep-(0004|0030|0045-admin|0059|0084|0153|0163|0172|0184|0447)[\w-]*)|adapters\/web-crypto|search\/(blocks|segment|words))\.ts$/
const LATE =
  /\/src\/(later|adapters\/(host-meta|uploader)|broker\/(chat-list|chats|chats-catch-up|directed-presence|own-archive|room-posts|room-questions)|chats\/step|features\/(?!notifications)[\w-]+|protocol\/(profile|roster|xep-(0054|0077|0363|0433|0437)[\w-]*)|storage\/(memory-store|search-query))\.ts$|\?later$/

function haveOwnCopies(): Plugin {
  return {
    name: 'have-own-copies',
    apply: 'build',
    enforce: 'pre',
    async resolveId(source, importer, options) {
      if (!importer || !LATE.test(importer)) return undefined
      const found = await this.resolve(source, importer.replace(/\?later$/, ''), { ...options, skipSelf: true })
      return found && TWICE.test(found.id) ? `${found.id}?later` : found
    },
    load: (id) => (id.endsWith('?later') ? readFileSync(id.replace(/\?later$/, ''), 'utf8') : undefined),
  }
}
