import {
  type CommandName,
  commands,
  commonAnswers,
  flows,
  isCommandName,
  type ServiceName,
  type Topic,
  takersOf,
  topicPlan,
  topics,
} from '@countermand/contracts'
import { type ChannelNote, channelNote, deadLetterNote } from './channels.ts'
import { exampleHeaders } from './example-headers.ts'
import { type HeaderSchema, headerSchemas } from './headers.ts'
import { commandTopics, type MessageDocument, type MessageKind, messages } from './messages.ts'
import { rules } from './rules.ts'

const reference = (...path: readonly string[]) => ({
  $ref: `#/${path.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`,
})

const headersOf: Readonly<Record<MessageKind, readonly HeaderSchema[]>> = {
  event: ['CloudEventHeaders'],
  command: ['CloudEventHeaders', 'CommandHeaders'],
  answer: ['CloudEventHeaders', 'AnswerHeaders'],
}

const directionOf = ({ name }: MessageDocument) => (isCommandName(name) ? commands[name].direction : 'do')

const messageOf = (message: MessageDocument) => ({
  name: message.name,
  title: message.name,
  summary: message.summary,
  contentType: 'application/json',
  headers: {
    allOf: [
      ...headersOf[message.kind].map((name) => reference('components', 'schemas', name)),
      { properties: { ce_type: { const: message.name } } },
    ],
  },
  ...(message.kind === 'event' ? {} : { correlationId: { location: '$message.header#/reply-to' } }),
  payload: reference('components', 'schemas', message.name),
  bindings: { kafka: { key: { type: 'string' }, bindingVersion: '0.5.0' } },
  examples: [{ name: message.name, headers: exampleHeaders(message, directionOf(message)), payload: message.example }],
})

const deadLetterMessage = {
  name: 'DeadLetter',
  title: 'Dead letter',
  summary: 'A message as it was: any key, headers and value.',
  contentType: 'application/octet-stream',
  headers: reference('components', 'schemas', 'DeadLetterHeaders'),
  payload: {},
}

const isTopic = (name: string): name is Topic => Object.hasOwn(flows, name)

const messageNamesOf = (topic: Topic): string[] =>
  messages.filter((message) => message.topics.includes(topic)).map(({ name }) => name)

interface Channel extends ChannelNote {
  readonly topic: string
  readonly partitions: number | undefined
  readonly messages: readonly string[]
}

const channels: readonly Channel[] = topicPlan().map(({ name: topic, partitions }) => {
  if (isTopic(topic)) return { ...channelNote(topic), topic, partitions, messages: messageNamesOf(topic) }
  const source = Object.values(topics).find((each) => deadLetterNote(each).topic === topic)
  if (source === undefined) throw new Error(`expected a topic or the dead letters of one, got ${topic}`)
  return { ...deadLetterNote(source), partitions, messages: [deadLetterMessage.name] }
})

const channelOf = ({ topic, summary, partitions, messages: names }: Channel) => ({
  address: topic,
  title: topic,
  summary,
  messages: Object.fromEntries(names.map((name) => [name, reference('components', 'messages', name)])),
  bindings: {
    kafka: { topic, ...(partitions === undefined ? {} : { partitions }), bindingVersion: '0.5.0' },
  },
})

/** Where answers go. It has no address: each command names one. */
const replyChannel = 'reply-topic'

const answerNames = (name: CommandName): string[] => [...commands[name].answers, ...commonAnswers]

/** What every service takes is an operation of each. */
const operationOf = (name: CommandName, service: ServiceName): string =>
  takersOf(name).length === 1 ? name : `${service}.${name}`

const handling = (name: CommandName, service: ServiceName) => ({
  action: 'receive',
  title: `${name} (${service})`,
  summary:
    commands[name].direction === 'undo'
      ? `Undo of the step ${commands[name].step}.`
      : `The step ${commands[name].step}.`,
  channel: reference('channels', commandTopics[service]),
  messages: [reference('channels', commandTopics[service], 'messages', name)],
  reply: {
    address: { location: '$message.header#/reply-topic' },
    channel: reference('channels', replyChannel),
    messages: answerNames(name).map((answer) => reference('channels', replyChannel, 'messages', answer)),
  },
})

const actions = (channel: Channel) => {
  const flow = (action: 'send' | 'receive') => (who: string) => [
    `${who}.${action}.${channel.topic}`,
    {
      action,
      title: `The ${who} ${action === 'send' ? 'writes' : 'reads'} ${channel.topic}`,
      channel: reference('channels', channel.topic),
    },
  ]
  // Who reads commands does it as said by `handling`.
  const readers = channel.messages.some(isCommandName) ? [] : channel.readers
  return [...channel.writers.map(flow('send')), ...readers.map(flow('receive'))]
}

/** The AsyncAPI 3 document of every topic and message. */
export const asyncApi = (version: string) => ({
  asyncapi: '3.0.0',
  info: { title: 'Countermand', version, description: rules, license: { name: 'Apache-2.0' } },
  defaultContentType: 'application/json',
  servers: {
    local: {
      host: 'localhost:{port}',
      protocol: 'kafka',
      description: 'What `npm start` starts, which prints its addresses.',
      variables: { port: { default: '9092', description: 'The setting KAFKA_PORT.' } },
    },
  },
  channels: {
    ...Object.fromEntries(channels.map((channel) => [channel.topic, channelOf(channel)])),
    [replyChannel]: {
      address: null,
      title: 'Answers',
      summary: `The topic that a command's \`reply-topic\` names: ${topics.sagaReplies} or ${topics.sagaFastReplies}.`,
      messages: Object.fromEntries(
        messages
          .filter(({ kind }) => kind === 'answer')
          .map(({ name }) => [name, reference('components', 'messages', name)]),
      ),
    },
  },
  operations: {
    ...Object.fromEntries(channels.flatMap(actions)),
    ...Object.fromEntries(
      Object.keys(commands)
        .filter(isCommandName)
        .flatMap((name) => takersOf(name).map((service) => [operationOf(name, service), handling(name, service)])),
    ),
  },
  components: {
    messages: {
      ...Object.fromEntries(messages.map((message) => [message.name, messageOf(message)])),
      [deadLetterMessage.name]: deadLetterMessage,
    },
    schemas: {
      ...headerSchemas,
      ...Object.fromEntries(messages.map(({ name }) => [name, { $ref: `./schemas/${name}.schema.json` }])),
    },
  },
})
