import { serviceMain } from '@countermand/service'
import { consoleService } from './handlers.ts'
import { consoleSettings } from './settings.ts'

await serviceMain({
  name: 'console',
  settings: consoleSettings,
  databaseUrl: (settings) => settings.CONSOLE_DATABASE_URL,
  httpPort: (settings) => settings.CONSOLE_HTTP_PORT,
  create: () => ({ definition: consoleService }),
})
