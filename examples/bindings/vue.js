import { onScopeDispose, shallowRef } from 'vue'

/** What a store gives, as long as the component is there. */
export function useStore(store) {
  const value = shallowRef()
  onScopeDispose(store.subscribe((now) => (value.value = now)))
  return value
}
