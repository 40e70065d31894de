import { start } from './chat.js'

start()
