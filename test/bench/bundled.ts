import { build } from 'vite'

/** A file of the benches as one script for a page or a worker. */
export async function bundled(file: string): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    build: { write: false, target: 'es2023', lib: { entry: `${import.meta.dirname}/${file}`, formats: ['es'] } },
  })
  const [bundle] = Array.isArray(built) ? built : [built]
  if (!bundle || !('output' in bundle)) throw new Error(`${file} could not be built`)
  return bundle.output[0].code
}

/** A page with nothing but a script. */
export const pageOf = (script: string): { type: string; body: string } => ({
  type: 'text/html',
  body: `<!doctype html><meta charset="utf-8"><title>a tab</title><script type="module" src="${script}"></script>`,
})
