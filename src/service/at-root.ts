import { fileURLToPath } from 'node:url'

/** A file of the project by its path in it, both from `src/service` and from `dist/service`. */
export const atRoot = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
