import type { System } from '../system.ts'
import { createAdministration, type Needs } from './administration.ts'
import { adminRoutes } from './routes.ts'

/** What administrators see and do. */
export function adminSystem(needs: Needs): System {
  const administration = createAdministration(needs)
  return { routes: (api, guards) => adminRoutes(api, guards, administration) }
}
