/** Commands that came before their order, as a table: their step is not known yet, only their message. */
export const waitingCommands = `
  (select order_id, convert_from(value, 'UTF8')::jsonb ->> 'requestId' as request_id, received_at,
     headers ->> 'ce_type' as command, convert_from(value, 'UTF8')::jsonb as data
   from waiting where topic like '%.commands.v1') waiting_commands`
