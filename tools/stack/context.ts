import type { Fetching } from './cache.ts'
import { dockerAnswers } from './docker.ts'
import type { StackCrash } from './part.ts'
import { MissingTool } from './programs.ts'
import type { Secured } from './secured.ts'
import type { StackSettings } from './settings.ts'

/** What every part needs to know to start. */
export interface PartContext {
  readonly settings: StackSettings
  /** An absolute path. */
  readonly home: string
  /** Whether the data are used again: then a container is kept as well. */
  readonly keep: boolean
  readonly fetching: Fetching
  readonly signal: AbortSignal
  readonly onCrash: (error: StackCrash) => void
  /** Secured doors of parts that run natively, beside their plain ones. */
  readonly secured?: Secured | undefined
}

/**
 * What `native` finds or builds, or `'docker'` where that is forced or is all there is. Throws what `native` threw when no Docker engine
 * answers either.
 */
export const nativeOrDocker = async <T>(context: PartContext, native: () => Promise<T>): Promise<T | 'docker'> => {
  const { way } = context.settings
  const { env, log } = context.fetching
  if (way === 'docker') {
    if (await dockerAnswers(env)) return 'docker'
    throw new Error('COUNTERMAND_STACK=docker: expected a Docker engine that answers `docker info`, got none')
  }
  try {
    return await native()
  } catch (error) {
    context.signal.throwIfAborted()
    if (way === 'native' || !(await dockerAnswers(env))) throw error
    log(
      `${error instanceof MissingTool ? error.message : `not to be had natively (${error})`}: starting it with Docker`,
    )
    return 'docker'
  }
}
