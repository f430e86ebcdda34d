import { assistantsOf, signIns, type User, userId, users } from './users.ts'

/** What an administrator can change of a user. */
export type UserChange = Partial<Pick<User, 'type' | 'status' | 'group_ids'>>

/** The users of the account now, and who may schedule for whom. */
export function createAccount() {
  let current = new Map(users)
  const added = new Map<string, number>()
  const withdrawn = new Set<string>()
  const pair = (owner: User, assistant: User) => `${owner.id} ${assistant.id}`

  const find = (idOrEmail: string): User | undefined =>
    current.get(idOrEmail.toLowerCase()) ?? [...current.values()].find(({ id }) => id === idOrEmail)

  /**
   * The users who may schedule for this user. Zoom calls them assistants. Both must be licensed.
   * Source: Zoom support, "Using scheduling privilege".
   */
  function assistants(owner: User): User[] {
    const given = (assistantsOf[owner.email] ?? []).flatMap((email) => find(email) ?? [])
    const licensed = [owner, ...given].filter(({ type }) => type === 2)
    if (!licensed.includes(owner)) return []
    return licensed.slice(1).filter((assistant) => !withdrawn.has(pair(owner, assistant)))
  }

  return {
    find,
    assistants,
    all: () => [...current.values()],
    /** Everyone who can sign in to Zoom's pages; some have another account. */
    signIns: () => signIns.flatMap((user) => (users.has(user.email) ? (find(user.email) ?? []) : user)),
    /** The users for whom this user may schedule. Zoom calls them schedulers. */
    schedulers: (assistant: User) =>
      [...current.values()].filter((owner) => assistants(owner).includes(assistant)),
    withdraw: (owner: User, assistant: User) => void withdrawn.add(pair(owner, assistant)),
    /** Removes a user; undefined: there is none. */
    remove(idOrEmail: string): User | undefined {
      const user = find(idOrEmail)
      if (user) current.delete(user.email)
      return user
    },
    /** Changes a user, or adds a removed one again, with another id. Undefined: the address was never in the account. */
    put(email: string, change: UserChange): User | undefined {
      const first = users.get(email)
      const now = current.get(email)
      if (!first) return undefined
      if (!now) added.set(email, (added.get(email) ?? 1) + 1)
      const user = { ...(now ?? { ...first, id: userId(email, added.get(email)) }), ...change }
      current.set(email, user)
      return user
    },
    reset() {
      current = new Map(users)
      withdrawn.clear()
      added.clear()
    },
  }
}

export type Account = ReturnType<typeof createAccount>
