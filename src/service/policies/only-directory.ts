/** The directory of a service that is for one only, `entra:<tid>`. Undefined: there are several. */
export const onlyDirectoryOf = (tenants: readonly string[]): string | undefined =>
  tenants.length === 1 ? `entra:${tenants[0]}` : undefined
