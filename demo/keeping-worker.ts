// The SDK's worker, for somebody who wants this browser to keep less: how much is in its address.
import { startBroker } from '../src/start-broker.ts'

const words = new URLSearchParams(location.search)
const count = (name: string): number | undefined => Number(words.get(name)) || undefined
const messages = count('messages')
const days = count('days')

startBroker({ retention: { ...(messages !== undefined && { messages }), ...(days !== undefined && { days }) } })
