/**
 * Why there is no worker, and what helps: an error event of a SharedWorker says neither.
 *
 * @param url where its file was looked for; left out where the application's bundler decided that
 */
export function workerNotLoaded(url: string | URL = './worker.js beside the SDK'): string {
  return `the worker could not be loaded from ${url}: the bundler must find it (Vite up to 7: optimizeDeps.exclude: ['minimix-web']), or give connect() a \`worker\`, the URL of a copy of minimix-web/worker.js; a CSP must allow it (worker-src)`
}
