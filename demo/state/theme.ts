import { effect, type Signal, signal } from '@preact/signals'

/** `auto` follows the system. */
export type Theme = 'auto' | 'light' | 'dark'

const KEY = 'minimix-demo-theme'
const NEXT: Readonly<Record<Theme, Theme>> = { auto: 'light', light: 'dark', dark: 'auto' }

/** The chosen theme, kept on the document and for the next visit. */
export function chosenTheme(): Signal<Theme> {
  const theme = signal<Theme>(stored())
  effect(() => {
    document.documentElement.dataset['theme'] = theme.value
    try {
      localStorage.setItem(KEY, theme.value)
    } catch {
      // Forbidden or full: chosen for this visit only.
    }
  })
  return theme
}

export function nextTheme(theme: Theme): Theme {
  return NEXT[theme]
}

function stored(): Theme {
  try {
    const value = localStorage.getItem(KEY)
    return value === 'light' || value === 'dark' ? value : 'auto'
  } catch {
    return 'auto'
  }
}
