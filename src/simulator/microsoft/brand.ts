import type { Brand } from '../kit/page.ts'

export const brand: Brand = { name: 'Microsoft', accent: '#0067b8' }
