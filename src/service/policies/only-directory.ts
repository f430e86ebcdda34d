/** The directory of a service that is for one only, `entra:<tid>`. Undefined: there are several. */
export const onlyDirectoryOf = (tenants: readonly string[]): string | undefined =>
  tenants.length === 1 ? `entra:${tenants[0]}` : undefined

/** The beginnings of the subjects that somebody may see: `entra:<tid>:`, `exch:`. In alphabetical order. */
export type Seen = readonly string[]

/**
 * Whom an administrator sees: the people of their directory. Mailboxes of Exchange servers belong to the deployment: where
 * it serves more than one directory, nobody in the console sees them.
 */
export const seenBy = (tenants: readonly string[], { directory }: { directory: string }): Seen => [
  `entra:${directory}:`,
  ...(onlyDirectoryOf(tenants) ? ['exch:'] : []),
]

/** Whether an administrator who sees these people may know of this one. */
export const sees = (seen: Seen, subject: string) => seen.some((prefix) => subject.startsWith(prefix))
