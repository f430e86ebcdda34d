// Builds everything into dist/: the add-in's pages, the service, the simulator.
import { rmSync } from 'node:fs'
import { createBuilder } from 'vite'

rmSync('dist', { recursive: true, force: true })
const builder = await createBuilder({ logLevel: 'warn' })
await builder.buildApp()
