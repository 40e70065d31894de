import { type ReadonlySignal, signal } from '@preact/signals'

export interface Toast {
  readonly key: number
  readonly text: string
  /** What it is about: whoever goes there has seen it. */
  readonly about?: string
}

const SHOWN_MS = 8_000

/** Short words about what went wrong; each goes away by itself. */
export class Toasts {
  readonly #shown = signal<readonly Toast[]>([])
  #count = 0

  get shown(): ReadonlySignal<readonly Toast[]> {
    return this.#shown
  }

  /** What is shown already is not shown twice. */
  show(text: string, about?: string): void {
    if (this.#shown.value.some((toast) => toast.text === text)) return
    const key = this.#count++
    this.#shown.value = [...this.#shown.value, { key, text, ...(about !== undefined && { about }) }]
    setTimeout(() => this.dismiss(key), SHOWN_MS)
  }

  seen(about: string): void {
    this.#shown.value = this.#shown.value.filter((toast) => toast.about !== about)
  }

  clear(): void {
    this.#shown.value = []
  }

  dismiss(key: number): void {
    this.#shown.value = this.#shown.value.filter((toast) => toast.key !== key)
  }
}
