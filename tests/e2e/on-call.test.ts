// What who is on call types: one system for all of it.
import './on-call/system.ts'
import './on-call/operator.ts'
import './on-call/screen.ts'
import './on-call/former-ids.ts'
