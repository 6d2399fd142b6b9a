import { chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cached, type Fetching, isCached } from './cache.ts'
import { findJava, findProgram, MissingTool, run } from './programs.ts'
import { pinned } from './versions.ts'

export const platform = `${process.platform}-${process.arch}`

/** Keeps saying that a long, silent build is still running. */
export const withProgress = async <T>(
  fetching: Fetching,
  what: string,
  usualSeconds: number,
  work: () => Promise<T>,
): Promise<T> => {
  const started = performance.now()
  const seconds = () => Math.round((performance.now() - started) / 1000)
  fetching.log(`${what} (once; usually about ${usualSeconds} s)`)
  const timer = setInterval(() => fetching.log(`${what}: ${seconds()} s`), 15_000)
  try {
    const result = await work()
    fetching.log(`${what}: done after ${seconds()} s`)
    return result
  } finally {
    clearInterval(timer)
  }
}

interface GoProgram {
  readonly part: string
  readonly key: string
  readonly module: string
  /** The name that Go gives the program: the last part of its path. */
  readonly built: string
  readonly name: string
  readonly usualSeconds: number
}

/** Without cgo no C compiler is needed; without symbols the program is a third smaller. */
export const goFlags = ['-trimpath', '-ldflags=-s -w']

export const requireGo = async (part: string, fetching: Fetching): Promise<string> => {
  const go = await findProgram('go', fetching.env)
  if (go === undefined) throw new MissingTool(part, 'Go 1.22 or newer', 'found no go on the PATH')
  return go
}

const goInstall = async (fetching: Fetching, program: GoProgram): Promise<string> => {
  const directory = await cached(fetching, `${program.key}-${platform}`, async (building) => {
    const go = await requireGo(program.part, fetching)
    const env = { ...fetching.env, GOBIN: building, CGO_ENABLED: '0' }
    await withProgress(fetching, `building ${program.part} with Go`, program.usualSeconds, () =>
      run(go, ['install', ...goFlags, program.module], { env, signal: fetching.signal }),
    )
    if (program.built !== program.name) await rename(join(building, program.built), join(building, program.name))
  })
  return join(directory, program.name)
}

const temporalKey = `temporal-${pinned.temporalCli}`

const downloadTemporal = async (fetching: Fetching): Promise<string> => {
  const script = join(dirname(fileURLToPath(import.meta.url)), 'download-temporal.ts')
  const directory = await cached(fetching, `${temporalKey}-${platform}`, async (building) => {
    const args = [script, building, pinned.temporalCli]
    fetching.log('downloading the Temporal dev server')
    await run(process.execPath, args, { env: fetching.env, signal: fetching.signal, timeoutMs: 60_000 })
    const downloaded = (await readdir(building)).find((name) => name.startsWith('temporal'))
    if (downloaded === undefined) throw new Error(`expected the SDK's download in ${building}, got nothing`)
    await rename(join(building, downloaded), join(building, 'temporal'))
  })
  return join(directory, 'temporal')
}

/** The Temporal CLI, which is also the dev server and its web UI: from the PATH, the cache, the SDK's download, or built with Go. */
export const fetchTemporal = async (fetching: Fetching): Promise<string> => {
  const installed = await findProgram('temporal', fetching.env)
  if (installed !== undefined) return installed
  if (!(await isCached(fetching.env, `${temporalKey}-${platform}`))) {
    try {
      return await downloadTemporal(fetching)
    } catch {
      fetching.signal?.throwIfAborted()
      fetching.log('the download is not reachable from here: building from source instead')
    }
  }
  return goInstall(fetching, {
    part: 'Temporal',
    key: temporalKey,
    module: `github.com/temporalio/cli/cmd/temporal@v${pinned.temporalCli}`,
    built: 'temporal',
    name: 'temporal',
    usualSeconds: 190,
  })
}

/** toxiproxy: cuts, delays and slows connections. Only fault tests need it. */
export const fetchToxiproxy = (fetching: Fetching): Promise<string> =>
  goInstall(fetching, {
    part: 'toxiproxy',
    key: `toxiproxy-${pinned.toxiproxy}`,
    module: `github.com/Shopify/toxiproxy/v2/cmd/server@v${pinned.toxiproxy}`,
    built: 'server',
    name: 'toxiproxy-server',
    usualSeconds: 40,
  })

/** The Compose specification's own parser: `compose-checker docker-compose.yml` prints the resolved model, or the error. */
export const fetchComposeChecker = (fetching: Fetching): Promise<string> =>
  goInstall(fetching, {
    part: 'the Compose checker',
    key: `compose-checker-${pinned.composeChecker}`,
    module: `github.com/compose-spec/compose-go/v2/cmd@v${pinned.composeChecker}`,
    built: 'cmd',
    name: 'compose-checker',
    usualSeconds: 20,
  })

interface Artifact {
  readonly group: string
  readonly artifact: string
  readonly version: string
}

const pom = (artifacts: readonly Artifact[]): string => `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>countermand</groupId>
  <artifactId>fetch</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
${artifacts.map(({ group, artifact, version }) => `    <dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`).join('\n')}
  </dependencies>
</project>
`

/** Puts the artifacts and all that they depend on into `<directory>/libs`. */
const mavenFetch = async (
  fetching: Fetching,
  part: string,
  directory: string,
  artifacts: readonly Artifact[],
): Promise<void> => {
  const maven = await findProgram('mvn', fetching.env)
  if (maven === undefined) throw new MissingTool(part, 'Java 17 or newer with Maven', 'found no mvn on the PATH')
  const libs = join(directory, 'libs')
  await mkdir(libs)
  const work = await mkdtemp(join(directory, 'pom-'))
  await writeFile(join(work, 'pom.xml'), pom(artifacts))
  const goal = `org.apache.maven.plugins:maven-dependency-plugin:${pinned.mavenDependencyPlugin}:copy-dependencies`
  const args = ['-B', '-q', '-f', join(work, 'pom.xml'), goal, `-DoutputDirectory=${libs}`, '-DincludeScope=runtime']
  await withProgress(fetching, `fetching ${part} with Maven`, 15, () =>
    run(maven, args, { env: fetching.env, signal: fetching.signal }),
  )
  await rm(work, { recursive: true })
}

const requireJava = async (part: string, fetching: Fetching): Promise<string> => {
  const java = await findJava(17, fetching.env)
  if ('path' in java) return java.path
  throw new MissingTool(part, 'Java 17 or newer with Maven', `found ${java.problem}`)
}

export interface JavaProgram {
  readonly java: string
  readonly classpath: string
  readonly version: string
}

/** Kafka's jars, and the Java that runs them. */
export const fetchKafka = async (fetching: Fetching): Promise<JavaProgram> => {
  const java = await requireJava('Kafka', fetching)
  const directory = await cached(fetching, `kafka-${pinned.kafka}`, (building) =>
    mavenFetch(fetching, 'Kafka', building, [
      { group: 'org.apache.kafka', artifact: `kafka_${pinned.scala}`, version: pinned.kafka },
      // Says on stderr why a broker ends; Kafka's own logging would need a configuration file.
      { group: 'org.slf4j', artifact: 'slf4j-simple', version: pinned.slf4j },
    ]),
  )
  return { java, classpath: join(directory, 'libs', '*'), version: pinned.kafka }
}

/**
 * Temporal's time-skipping test server, as a program for
 * `TestWorkflowEnvironment.createTimeSkipping({ server: { executable: { type: 'existing-path', path } } })`.
 */
export const fetchTestServer = async (fetching: Fetching): Promise<string> => {
  await requireJava("Temporal's test server", fetching)
  const directory = await cached(fetching, `temporal-test-server-${pinned.temporalTestServer}`, async (building) => {
    await mavenFetch(fetching, "Temporal's test server", building, [
      { group: 'io.temporal', artifact: 'temporal-test-server', version: pinned.temporalTestServer },
      { group: 'org.slf4j', artifact: 'slf4j-nop', version: pinned.slf4j },
    ])
    const script = join(building, 'temporal-test-server')
    // The entry is renamed when it is complete: the script finds its jars beside itself. It is killed when its parent is, so `exec`.
    await writeFile(
      script,
      `#!/bin/sh
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
port=$1; shift
java=java
if [ -x "$JAVA_HOME/bin/java" ]; then java=$JAVA_HOME/bin/java; fi
exec "$java" -XX:+UseSerialGC -Xmx256m -cp "$here/libs/*" io.temporal.testserver.TestServer "$port" --enable-time-skipping
`,
    )
    await chmod(script, 0o755)
  })
  return join(directory, 'temporal-test-server')
}
