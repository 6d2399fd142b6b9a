import { Argument } from 'commander'
import { print } from '../../terminal/print.ts'
import { completionScript, type Shell, shells } from '../completion.ts'
import type { DefineCommand } from '../exit.ts'

const help = `
The commands, options and their values of tools/bin/saga. For the shell that is open, and for every one to come:
  bash  source <(saga completion bash)     in ~/.bashrc
  zsh   source <(saga completion zsh)      in ~/.zshrc, after compinit
  fish  saga completion fish | source      in ~/.config/fish/config.fish
tools/bin/saga is the command line from any folder: put it on the PATH, or link to it from where that looks.`

/** `saga completion`: what a shell needs to complete commands and options. */
export const completion: DefineCommand = (program, ended) => {
  program
    .command('completion')
    .description('prints what a shell needs to complete commands and options')
    .addArgument(new Argument('<shell>', 'which shell').choices(shells))
    .addHelpText('after', help)
    .action((shell: Shell) => {
      print(completionScript(shell, program))
      ended(0)
    })
}
