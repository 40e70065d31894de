import type { Signal } from '@preact/signals'
import { nextTheme, type Theme } from '../state/theme.ts'
import { AutoIcon, MoonIcon, SunIcon } from './icons.tsx'

const ICONS = { auto: AutoIcon, light: SunIcon, dark: MoonIcon } as const
const WORDS = { auto: 'as the system', light: 'light', dark: 'dark' } as const

export function ThemeSwitch({ theme }: { readonly theme: Signal<Theme> }) {
  const Icon = ICONS[theme.value]
  const label = `Colours: ${WORDS[theme.value]}`
  const next = (): void => {
    theme.value = nextTheme(theme.value)
  }
  return (
    <button type="button" class="quiet" aria-label={`${label}. Change`} title={label} onClick={next}>
      <Icon />
    </button>
  )
}
