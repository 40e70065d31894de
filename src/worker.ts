import { startBroker } from './start-broker.ts'

startBroker()
