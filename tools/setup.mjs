/**
 * Makes a clone ready for the command that follows: `node tools/setup.mjs [--only=packages] [--with=tests|chaos]`. It runs before anything is
 * installed, on any Node from 20 and without dependencies: it installs them, and leaves the rest to the Node that came with them.
 * Progress goes to stderr, because stdout belongs to the command that follows.
 */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const stamp = join(root, 'node_modules', '.countermand-installed')
const ownNode = join(root, 'node_modules', 'node', 'bin', 'node')
const log = (line) => process.stderr.write(`[setup] ${line}\n`)

const hash = (text) => createHash('sha256').update(text).digest('hex')
const readText = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : '')
const wantedLock = () => readText(join(root, 'package-lock.json'))

/** What npm says it installed, against what the lock file wants: true after a plain `npm install` as well. */
const installedByHand = () => {
  const hidden = readText(join(root, 'node_modules', '.package-lock.json'))
  if (hidden === '') return false
  const installed = JSON.parse(hidden).packages
  const wanted = Object.entries(JSON.parse(wantedLock()).packages)
  return wanted.every(([path, entry]) => {
    const found = installed[path]
    // An optional package may be for another platform; a workspace is there as a link.
    if (!path.includes('node_modules/') || (entry.optional && found === undefined)) return true
    return found !== undefined && found.version === entry.version && found.integrity === entry.integrity
  })
}

const isInstalled = () => {
  if (!existsSync(ownNode)) return false
  if (readText(stamp) === hash(wantedLock())) return true
  if (!installedByHand()) return false
  writeFileSync(stamp, hash(wantedLock()))
  return true
}

/** Runs a program with its stdout on our stderr, and passes on what ends us: Ctrl-C reaches the group, a signal to npm only us. */
const run = (command, args, env) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 2, 2] })
    const pass = (signal) => child.kill(signal)
    process.on('SIGINT', pass)
    process.on('SIGTERM', pass)
    child.once('error', (error) => reject(new Error(`could not start ${command}: ${error.message}`)))
    child.once('exit', (code, signal) => {
      process.off('SIGINT', pass)
      process.off('SIGTERM', pass)
      resolve({ code, signal })
    })
  })

const install = async () => {
  const started = Date.now()
  log('installing dependencies (npm ci)')
  // NODE_ENV=production would leave out the development dependencies, and with them Node itself.
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']
  // Scripts of a package must not run on the Node that is just being replaced.
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((entry) => !entry.startsWith(join(root, 'node_modules')))
  const env = { ...process.env, PATH: path.join(delimiter) }
  const timer = setInterval(
    () => log(`installing dependencies: ${Math.round((Date.now() - started) / 1000)} s`),
    15_000,
  )
  const { code, signal } = await run('npm', args, env)
  clearInterval(timer)
  if (code !== 0) throw new Error(`npm ci: expected exit code 0, got ${code ?? signal}; its messages are above`)
  const version = spawnSync(ownNode, ['--version'], { encoding: 'utf8' }).stdout?.trim()
  const major = readText(join(root, '.nvmrc')).trim().replace(/^v/, '').split('.')[0]
  if (!version?.startsWith(`v${major}.`)) {
    const hint = 'are install scripts switched off (npm config get ignore-scripts)?'
    throw new Error(`node_modules/node: expected Node ${major}, got ${version ?? 'nothing that runs'}; ${hint}`)
  }
  writeFileSync(stamp, hash(wantedLock()))
  log(`installing dependencies: done after ${Math.round((Date.now() - started) / 1000)} s`)
}

const isAlive = (pid) => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** `npm ci` begins by deleting node_modules, so only one of two commands in the same clone may run it. */
const withLock = async (work) => {
  const directory = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'countermand', 'locks')
  mkdirSync(directory, { recursive: true })
  const lock = join(directory, `install-${hash(root).slice(0, 16)}`)
  for (let waited = 0; ; waited += 1) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' })
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    const owner = Number(readText(lock))
    // It may not have written its pid yet; after ten seconds it never will.
    if (owner > 0 ? !isAlive(owner) : waited > 20) rmSync(lock, { force: true })
    else {
      if (waited === 0) log('waiting for another command that is installing dependencies')
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
  }
  try {
    await work()
  } finally {
    rmSync(lock, { force: true })
  }
}

const main = async () => {
  if (!isInstalled()) {
    await withLock(async () => {
      if (!isInstalled()) await install()
    })
  }
  if (process.argv.includes('--only=packages')) return 0
  const prepare = join(root, 'tools', 'stack', 'prepare.ts')
  const { code } = await run(ownNode, [prepare, ...process.argv.slice(2)], process.env)
  return code ?? 1
}

try {
  process.exitCode = await main()
} catch (error) {
  log(error.message)
  process.exitCode = 1
}
