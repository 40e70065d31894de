import './trusted-types.js'
import './chat.jsx'
