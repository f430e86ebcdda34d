import type { Brand } from '../kit/page.ts'

export const brand: Brand = { name: 'Zoom', accent: '#0b5cff' }
