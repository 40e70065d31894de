import { type Plugin, startBroker } from 'minimix-web/broker'

export type Draft = { readonly room: string; readonly text: string }
export type DraftCalls = { save: (draft: Draft) => Promise<void> }
export type DraftEvents = { drafts: readonly Draft[]; draft: Draft }

export const drafts: Plugin<DraftCalls, DraftEvents> = {
  name: 'drafts',
  start: (worker) => ({
    calls: {
      async save(draft) {
        await worker.kept.set(draft.room, draft.text === '' ? undefined : draft) // stored before it is told
        worker.tell('draft', draft)
      },
    },
    async attached(tab) {
      const kept = await worker.kept.all()
      worker.tell('drafts', [...kept.values()] as Draft[], tab) // what it keeps is what it wrote
    },
  }),
}

startBroker({ plugins: [drafts] })
