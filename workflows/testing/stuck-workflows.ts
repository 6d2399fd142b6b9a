/** A saga that never comes to its first command, so that its process can be killed within its first workflow task. */
export async function cancelOrder(): Promise<void> {
  for (;;);
}
