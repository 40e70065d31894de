// The worker's file: the broker, with the plug-in.
import { startBroker } from 'minimix-web/broker'
import { polls } from './plugin.ts'

startBroker({ plugins: [polls()] })
