import { type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { Settings } from './settings.ts'

export interface News {
  readonly title: string
  readonly text: string
  /** Further news of the same place takes the place of this. */
  readonly tag: string
  readonly onChosen: () => void
}

/** Notifications of the browser's, if the person wants them and the browser lets them be. */
export class Notifier {
  readonly permission: ReadonlySignal<NotificationPermission>
  readonly #permission: Signal<NotificationPermission>
  readonly #settings: Signal<Settings>

  constructor(settings: Signal<Settings>) {
    this.#settings = settings
    this.#permission = signal('Notification' in globalThis ? Notification.permission : 'denied')
    this.permission = this.#permission
  }

  get isOn(): boolean {
    return this.#settings.value.notifications && this.#permission.value === 'granted'
  }

  /** Asks where the browser has not been asked: only by a click does it show its question. */
  async turnOn(): Promise<void> {
    if (this.#permission.value === 'default') this.#permission.value = await Notification.requestPermission()
    this.#settings.value = { ...this.#settings.value, notifications: this.#permission.value === 'granted' }
  }

  turnOff(): void {
    this.#settings.value = { ...this.#settings.value, notifications: false }
  }

  /** @returns whether it was shown */
  show({ title, text, tag, onChosen }: News): boolean {
    // Another tab may have asked.
    if (!this.#settings.value.notifications || Notification.permission !== 'granted') return false
    try {
      const shown = new Notification(title, { body: text, tag, icon: './icon.svg' })
      shown.addEventListener('click', () => {
        focus()
        onChosen()
        shown.close()
      })
      return true
    } catch {
      return false // a phone lets only service workers do it
    }
  }
}
