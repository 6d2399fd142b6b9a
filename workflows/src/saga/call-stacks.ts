/**
 * Run once by each thread of the worker's sandbox, before any workflow. For the "Call Stack" page of Temporal's UI, the SDK notes the stack
 * of each promise that a workflow makes, by a hook that V8 calls for every promise of the thread: a quarter of the orchestrator's
 * processor time. Where a saga stands, its details say, so the hook is taken away, unless the setting wants the page. Only this hook: those of
 * others, and what else follows promises, go on.
 */

/** The SDK's part that holds the hook: `@temporalio/worker/lib/workflow/vm-shared.js`. */
interface GlobalHandlers {
  stopPromiseHook(): void
  promiseHookInstalled: boolean
}

interface Outside {
  readonly env: { readonly CALL_STACKS?: string }
  getBuiltinModule(name: 'module'): {
    createRequire(path: string): { readonly cache: Readonly<Record<string, { readonly exports: object } | undefined>> }
  }
}

const isHandlers = (found: unknown): found is GlobalHandlers =>
  typeof found === 'object' && found !== null && 'stopPromiseHook' in found && 'promiseHookInstalled' in found

/** The thread's own `process`: a class that the SDK gives into the sandbox comes from outside, and so does its constructor. */
const outside = (): Outside | undefined => {
  const given = Reflect.get(globalThis, 'AsyncLocalStorage')
  return typeof given === 'function' ? given.constructor('return process')() : undefined
}

const handlersOf = ({ getBuiltinModule }: Outside): GlobalHandlers[] => {
  const { cache } = getBuiltinModule('module').createRequire('/')
  const holders = Object.keys(cache).filter((file) =>
    /@temporalio[\\/]worker[\\/]lib[\\/]workflow[\\/]vm-shared\.js$/.test(file),
  )
  return holders.flatMap((file) => {
    const found = Reflect.get(cache[file]?.exports ?? {}, 'globalHandlers')
    return isHandlers(found) ? [found] : []
  })
}

const thread = outside()
if (thread !== undefined && thread.env.CALL_STACKS !== 'on')
  for (const handlers of handlersOf(thread)) {
    handlers.stopPromiseHook()
    // So it answers a query for the stack that there is none, rather than an empty one.
    handlers.promiseHookInstalled = false
  }

export {}
