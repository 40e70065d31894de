// What browsers have and the compiler's DOM types do not know yet.

declare global {
  interface WorkerOptions {
    /** Keeps a SharedWorker alive for a while after its last page (Chrome 148); others ignore it. */
    extendedLifetime?: boolean
  }
}

export {}
