import {
  type ActiveKeyFault,
  faultOfActive,
  faultsOfStored,
  type StoredKeyFault,
} from '../vault/key-faults.ts'
import { keyProvider } from '../vault/system.ts'
import { type Check, type Found, found } from './around.ts'

const findingOf = {
  missing: 'vault_key_missing',
  other: 'vault_key_other',
  closed: 'vault_key_closed',
  retired: 'vault_key_retired',
  refused: 'vault_refused',
  silent: 'vault_unreachable',
} as const satisfies Record<(ActiveKeyFault | StoredKeyFault)['kind'], Found['finding']>

/** Whether the active key encrypts, and each key that stored credentials need opens them. Nothing stored is opened. */
export const vault: Check = {
  after: ['database'],
  async look({ settings, opened }) {
    const answer = await opened()
    if ('finding' in answer) return answer
    const keys = keyProvider(settings)
    const active = await faultOfActive(answer.database, keys)
    const faults = [...(active ? [active] : []), ...(await faultsOfStored(answer.database, keys))]
    if (faults.length === 0) return found('vault_good', { key: keys.active })
    const address = new URL(settings.VAULT_AZURE_KEY?.vault ?? settings.PUBLIC_URL).host
    return faults.map(({ kind, key, ...rest }) =>
      found(findingOf[kind], { key, address, ...('count' in rest && { count: rest.count }) }),
    )
  },
}
