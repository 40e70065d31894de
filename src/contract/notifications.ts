import type { NotifyWhen } from '../protocol/xep-0492-notifications.ts'

export type { NotifyWhen } from '../protocol/xep-0492-notifications.ts'

export const NOTIFICATIONS = 'minimix:notifications'

/** What a tab can ask of the settings; without a room it is the default. */
export type NotificationCalls = {
  get(args: { readonly room?: string }): Promise<NotifyWhen | undefined>
  set(args: { readonly room?: string; readonly when?: NotifyWhen }): Promise<void>
}

export type NotificationEvents = { notifications: { readonly room?: string; readonly when?: NotifyWhen } }
