/** Resolves when what the pane shows now has been painted; in a pane that nobody sees, once somebody does. */
export const painted = (): Promise<void> =>
  new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
