import type { Signal } from '@preact/signals'
import type { PersonModel } from '../state/person-model.ts'
import { Banner } from './banner.tsx'
import { Composer } from './composer.tsx'
import { ConversationContext } from './context.ts'
import { fileDrop } from './file-drop.ts'
import { SearchButton } from './search-panel.tsx'
import { TimelineView } from './timeline-view.tsx'
import { type Panel, TopBar } from './top-bar.tsx'

/** What is said between two. */
export function PersonPane({ model, panel }: { readonly model: PersonModel; readonly panel: Signal<Panel> }) {
  return (
    <section class="pane" {...fileDrop(model, true)}>
      <TopBar title={model.title} line={model.jid} panel={panel}>
        <SearchButton panel={panel} />
      </TopBar>
      <Banner />
      <ConversationContext.Provider value={model}>
        <TimelineView />
        <Composer />
      </ConversationContext.Provider>
    </section>
  )
}
