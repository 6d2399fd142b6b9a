import { Client, type Connection } from '@temporalio/client'

/** A client whose requests to the server are noted by name, such as `listWorkflowExecutions`. */
export const watchedClient = (connection: Connection, namespace: string) => {
  const asked: string[] = []
  const workflowService = new Proxy(connection.workflowService, {
    get: (service, name) => {
      if (typeof name === 'string') asked.push(name)
      return Reflect.get(service, name)
    },
  })
  const watched: Connection = Object.create(connection, { workflowService: { value: workflowService } })
  const times = (name: string): number => asked.filter((each) => each === name).length
  return {
    client: new Client({ connection: watched, namespace }),
    connection: watched,
    times,
    forget: () => void asked.splice(0),
  }
}
