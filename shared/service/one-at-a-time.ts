/** Runs an act again as long as somebody asks for it, one run after the other; who asks while it runs is served by the next. */
export interface OneAtATime {
  ask(): void
  /** What runs now. */
  running(): Promise<void> | undefined
}

export const oneAtATime = (act: () => Promise<void>): OneAtATime => {
  let again = false
  let running: Promise<void> | undefined
  const run = async () => {
    while (again) {
      again = false
      await act()
    }
    // Synchronously with the end of the loop: who asks next must find nobody at work.
    running = undefined
  }
  return {
    ask: () => {
      again = true
      running ??= run()
    },
    running: () => running,
  }
}
