import { stat } from 'node:fs/promises'
import { relative } from 'node:path'
import { serviceName } from '@countermand/contracts'
import { endWithinMs } from '@countermand/process'
import { readAddresses, readConsole } from '@countermand/tools/saga/addresses.ts'
import { databaseOwners } from '@countermand/tools/stack/settings.ts'
import { pinned } from '@countermand/tools/stack/versions.ts'
import { portSettings, processNames, programOf } from '@countermand/tools/system/processes.ts'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { composeModel, type Model, root, runCommand, type Service, textOf } from './compose.ts'

const ours = [...processNames, 'provision'] as const

let model: Model
beforeAll(async () => {
  model = await composeModel()
})

const serviceOf = (name: string): Service => {
  const found = model.services[name]
  if (found === undefined) throw new Error(`expected docker-compose.yml to have a service ${name}`)
  return found
}

/** Typed and read by a person: nobody starts it with the rest, nor again. */
const onRequest = 'saga'

const endsByItself = (name: string) =>
  Object.values(model.services).some(
    ({ depends_on }) => depends_on[name]?.condition === 'service_completed_successfully',
  )

describe('docker-compose.yml', () => {
  it('has our processes, and runs them by the commands that npm start runs', () => {
    const commands = Object.fromEntries(processNames.map((name) => [name, serviceOf(name).command]))
    expect(commands).toEqual(
      Object.fromEntries(processNames.map((name) => [name, ['node', relative(root, programOf(name))]])),
    )
  })

  it('pins every image to a version', () => {
    const images = Object.values(model.services).map(({ image }) => image)
    expect(images.length).toBeGreaterThan(10)
    expect(images.filter((image) => !/:v?\d+\.\d+(\.\d+)?(-[\w.-]+)?$/.test(image))).toEqual([])
  })

  it('checks the health of whatever does not end by itself, and starts it again', () => {
    for (const [name, { healthcheck, restart }] of Object.entries(model.services)) {
      if (name === onRequest) continue
      expect(healthcheck === undefined, name).toBe(endsByItself(name))
      expect(restart, name).toBe(endsByItself(name) ? 'on-failure:5' : 'unless-stopped')
    }
  })

  it('asks for readiness where the process serves it', () => {
    for (const name of processNames)
      expect(serviceOf(name).healthcheck?.test.join(' ')).toContain(`127.0.0.1:${portSettings[name][1]}/readyz`)
  })

  it('starts nothing before what it needs is ready', () => {
    const conditions = Object.values(model.services).flatMap(({ depends_on }) => Object.entries(depends_on))
    for (const [needed, { condition }] of conditions)
      expect(condition, needed).toBe(endsByItself(needed) ? 'service_completed_successfully' : 'service_healthy')
    for (const name of databaseOwners)
      expect(Object.keys(serviceOf(name).depends_on).toSorted()).toEqual(['postgres', 'provision'])
    expect(Object.keys(serviceOf('orchestrator').depends_on)).toEqual(['provision'])
  })

  it('gives each of them the time that it gives itself to end, and a first process that passes signals on', () => {
    for (const name of processNames) {
      const seconds = /^(?:(\d+)m)?(?:(\d+)s)?$/.exec(serviceOf(name).stop_grace_period ?? '')
      const graceMs = (Number(seconds?.[1] ?? 0) * 60 + Number(seconds?.[2] ?? 0)) * 1_000
      expect(graceMs, name).toBeGreaterThan(endWithinMs)
      expect(serviceOf(name).init, name).toBe(true)
    }
  })

  it('has the command line on request alone, which finds every part and links to the UI', async () => {
    const { build, command, environment, healthcheck, profiles, restart } = serviceOf(onRequest)
    expect({ build: build?.target, profiles, command: command ?? null, healthcheck, restart }).toEqual({
      ...{ build: 'saga', profiles: ['saga'], command: null, healthcheck: undefined, restart: undefined },
    })
    const given = Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== null)
    const env = { ...Object.fromEntries(given), COUNTERMAND_HOME: '/nowhere' }
    const where = await readAddresses(env)
    const { TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, KAFKA_BROKERS } = serviceOf('orchestrator').environment
    const url = (name: string) => serviceOf(name).environment[`${name.toUpperCase()}_DATABASE_URL`]
    expect(where).toEqual({
      ...{ kafkaBrokers: [KAFKA_BROKERS], temporalAddress: TEMPORAL_ADDRESS, namespace: TEMPORAL_NAMESPACE },
      ...{ kafkaSecurity: {}, temporalSecurity: {} },
      ...{ topicPrefix: '', temporalUiUrl: `http://127.0.0.1:${serviceOf('temporal-ui').ports[0]?.published}` },
      databaseUrls: Object.fromEntries(serviceName.options.map((name) => [name, url(name)])),
    })
    expect(environment).toHaveProperty('SHOP_URL')
    // The console's port is another one with each start: where customers reach it is said to both.
    const shopUrl = 'https://shop.example'
    expect(await readConsole({ ...env, SHOP_URL: shopUrl })).toEqual({ databaseUrl: url('console'), shopUrl })
  })

  it('has as many brokers as each topic has copies', () => {
    const brokers = Object.values(model.services).filter(({ image }) => image.startsWith('apache/kafka:'))
    for (const name of ours) expect(serviceOf(name).environment.KAFKA_REPLICATION, name).toBe(String(brokers.length))
  })

  it('lets each of them run more than once', () => {
    for (const name of processNames) {
      expect(serviceOf(name).container_name, name).toBeUndefined()
      expect(
        serviceOf(name).ports.map(({ published }) => published),
        name,
      ).toEqual(Array.from({ length: name === 'console' ? 3 : name === 'gateway' ? 2 : 1 }))
    }
  })

  it('is reachable from this machine alone', () => {
    const ports = Object.values(model.services).flatMap(({ ports }) => ports)
    expect(ports.length).toBeGreaterThan(processNames.length)
    expect(ports.filter(({ host_ip }) => host_ip !== '127.0.0.1')).toEqual([])
  })

  it('tells Kafka’s clients outside the port that is published', async () => {
    // Before variables are replaced: the parser replaces them by their defaults.
    const kafka = z.object({ environment: z.record(z.string(), z.string()), ports: z.array(z.string()) })
    const { services } = z
      .object({ services: z.object({ kafka }) })
      .parse(parse(await textOf('docker-compose.yml'), { merge: true }))
    const [published = ''] = /[$][{]KAFKA_PORT:-9092[}]/.exec(services.kafka.ports[0] ?? '') ?? []
    expect(published).not.toBe('')
    expect(services.kafka.environment.KAFKA_ADVERTISED_LISTENERS?.split(',')).toContain(`HOST://127.0.0.1:${published}`)
  })

  it('keeps in named volumes what the three servers write', () => {
    const kept = Object.values(model.services).flatMap(({ volumes }) =>
      volumes.filter(({ type }) => type === 'volume').map(({ source }) => source),
    )
    expect(kept.toSorted()).toEqual(Object.keys(model.volumes).toSorted())
    expect(kept).toEqual(expect.arrayContaining(['kafka', 'postgres', 'temporal-postgres']))
  })

  it('mounts what is there', async () => {
    const mounted = Object.values(model.services).flatMap(({ volumes }) =>
      volumes.filter(({ type }) => type === 'bind'),
    )
    expect(mounted.length).toBeGreaterThan(0)
    for (const { source } of mounted) await expect(stat(source), source).resolves.toBeDefined()
  })

  it('has the versions of the native stack', async () => {
    expect(serviceOf('kafka').image).toBe(`apache/kafka:${pinned.kafka}`)
    expect(serviceOf('postgres').image).toMatch(new RegExp(`^postgres:${pinned.postgresImage}[.]`))
    const node = (await textOf('.nvmrc')).trim()
    expect(await textOf('Dockerfile')).toMatch(new RegExp(`^FROM node:${node}-`, 'm'))
  })

  it('gives each service the database that is created for it', async () => {
    const created = (await textOf('deploy/postgres-init.sql')).match(/(?<=^create database )\w+/gm)
    expect(created).toEqual(databaseOwners.map((owner) => `countermand_${owner}`))
    for (const owner of databaseOwners) {
      const url = new URL(serviceOf(owner).environment[`${owner.toUpperCase()}_DATABASE_URL`] ?? '')
      expect(`${url.host}${url.pathname}`).toBe(`postgres:5432/countermand_${owner}`)
    }
    expect(serviceOf('postgres').healthcheck?.test).toContain(`--dbname=${created?.[0]}`)
  })

  it('gives Temporal a dynamic configuration in the form that it reads', async () => {
    const entries = z.record(z.string(), z.array(z.strictObject({ value: z.int() })))
    const { data } = entries.safeParse(parse(await textOf('deploy/temporal-dynamic-config.yaml')))
    expect(data).toEqual({
      'history.transferProcessorMaxPollRPS': [{ value: 2000 }],
      'history.timerProcessorMaxPollRPS': [{ value: 2000 }],
    })
    const mounted = serviceOf('temporal').volumes.find(({ source }) => source.endsWith('temporal-dynamic-config.yaml'))
    expect(mounted?.target).toBe(serviceOf('temporal').environment.DYNAMIC_CONFIG_FILE_PATH)
  })
})

describe.for(ours)('the command of %s, run here', (name) => {
  it('knows the settings that its container is given or can be given, and no others but its port', async () => {
    const { code, stdout } = await runCommand(serviceOf(name), {}, ['--help'])
    expect(code).toBe(0)
    const known = (stdout.match(/(?<=^ {2})[A-Z_]+/gm) ?? []).filter((setting) => !setting.endsWith('_HTTP_PORT'))
    expect(known.toSorted()).toEqual(Object.keys(serviceOf(name).environment).toSorted())
  })

  it('exits 1 and says which setting is wrong', async () => {
    const { code, stderr } = await runCommand(serviceOf(name), { KAFKA_PARTITIONS: 'many' })
    expect(code).toBe(1)
    expect(stderr).toContain('KAFKA_PARTITIONS')
    expect(stderr).not.toContain('    at ')
  })
})
