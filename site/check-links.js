// Every link of the built site (or of another folder, as an argument), and every place that one names, has to be there.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const site = resolve(process.argv[2] ?? fileURLToPath(new URL('../docs-site', import.meta.url)))
const files = readdirSync(site, { recursive: true, encoding: 'utf8' }).map((file) => join(site, file))
const pages = new Map(files.filter((file) => file.endsWith('.html')).map((file) => [file, readFileSync(file, 'utf8')]))
const places = new Map([...pages].map(([file, html]) => [file, new Set(valuesOf(html, 'id'))]))

function valuesOf(html, attribute) {
  return [...html.matchAll(new RegExp(`\\s${attribute}="([^"]*)"`, 'g'))].map(([, value]) =>
    value.replaceAll('&amp;', '&'),
  )
}

function isDead(page, link) {
  if (/^[a-z]+:/.test(link)) return false
  const [path, place] = link.split('#').map(decodeURIComponent)
  const file = path === '' ? page : join(dirname(page), path)
  if (!existsSync(file)) return true
  return place !== undefined && place !== '' && places.get(file)?.has(place) === false
}

const dead = [...pages].flatMap(([page, html]) =>
  [...valuesOf(html, 'href'), ...valuesOf(html, 'src')]
    .filter((link) => isDead(page, link))
    .map((link) => `${relative(site, page)}: dead link ${link}`),
)
for (const line of dead) console.error(line)
console.log(`${pages.size} pages, ${dead.length} dead links`)
process.exitCode = dead.length === 0 ? 0 : 1
