import type { PolicyName } from '../../contract/policies.ts'

/** The tables of policies. No column can hold event content: the database checks each name and each value. */
export type PoliciesTables = {
  policies: PoliciesTable
  policy_versions: PolicyVersionsTable
  memberships: MembershipsTable
}

/** One rule of an organisation. */
interface PoliciesTable {
  /** `entra:<tid>` */
  organisation: string
  /** The object id of a group in the directory. Null: the rule is for everybody. */
  group_id: string | null
  /** Of several groups that a person is in, the one with the lowest rank decides. */
  rank: number
  name: PolicyName
  value: string
}

/** How often an organisation's rules have changed. */
interface PolicyVersionsTable {
  organisation: string
  version: number
}

/** What the last access token of a person said about a group that a rule names. About no other group anything is stored. */
interface MembershipsTable {
  subject: string
  group_id: string
  /** Null: the token did not say. */
  is_member: boolean | null
}
