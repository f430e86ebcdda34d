import { execFile } from 'node:child_process'
import { expect, test } from 'vitest'
import { builtService } from '../../attack/kit.ts'

test('a service whose settings are wrong ends, names each of them, and reports no bug', async () => {
  const main = await builtService()
  const { code, said } = await new Promise<{ code: unknown; said: string }>((resolve) =>
    execFile(process.execPath, [main], { env: { PORT: 'none' } }, (error, stdout, stderr) =>
      resolve({ code: error?.code, said: stdout + stderr }),
    ),
  )
  expect(code).toBe(1)
  expect(said).toContain('PORT must be a number (for example 8080)')
  expect(said).toContain('PUBLIC_URL is missing (for example https://zoom.example.com)')
  expect(said).not.toContain('"bug"')
})
