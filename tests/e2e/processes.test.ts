// Our processes, as they start, end and are killed: one system for all of it.
import './processes/system.ts'
import './processes/settings.ts'
import './processes/together.ts'
import './processes/kills.ts'
