/** Returns the folder. */
export function emptyDatabase(): Promise<string>
