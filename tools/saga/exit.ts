import type { Command } from 'commander'

/** 0: done. 1: a check found something. 2: wrong use, or not possible. */
export type ExitCode = 0 | 1 | 2
export const foundSomething = 1
export const wrongUse = 2

/** Adds a command to the program; it says how it ended. */
export type DefineCommand = (program: Command, ended: (code: ExitCode) => void) => void

/** The end of a command's help, as commands that can be typed. */
export const examples = (...commands: readonly string[]): string =>
  ['', 'Examples:', ...commands.map((command) => `  ${command.replace(/^saga( |$)/, 'npm run saga -- ')}`)].join('\n')
