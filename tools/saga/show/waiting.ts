/** A part of an id of ours in a column, as it was before it was escaped: of a command's or an event's, the second names its request. */
export const partOf = (column: string, place: number): string =>
  `replace(replace(split_part(${column}, '/', ${place}), '%2F', '/'), '%25', '%')`

/** Commands that came before their order, as a table: their step is not known yet, only their message. */
export const waitingCommands = `
  (select order_id, ${partOf('message_id', 2)} as request_id, received_at, headers ->> 'ce_type' as command, value
   from waiting where topic like '%.commands.v1') waiting_commands`
