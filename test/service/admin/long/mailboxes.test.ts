import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeCertificate } from '../../../../src/simulator/kit/certificate.ts'
import { Faults } from '../../../../src/simulator/kit/faults.ts'
import { openOrigins } from '../../../../src/simulator/kit/origins.ts'
import { createEntra } from '../../../../src/simulator/microsoft/entra.ts'
import { createGraph } from '../../../../src/simulator/microsoft/graph.ts'
import { rooms } from '../../../../src/simulator/people.ts'
import { command, openTrail } from '../../audit/kit.ts'
import { ada, clientId, entraClientSecret } from '../../kit.ts'

const { attic, cellar } = rooms
const nobody = '00000000-0000-4000-8000-000000000000'

/** Entra and Graph over https, and an empty database: what a command reads from its environment. */
async function openMicrosoft() {
  const trail = await openTrail('embedded')
  const closing = new AbortController()
  const certificate = await makeCertificate(new Date())
  const at = await openOrigins(['entra', 'graph'], 'anywhere', certificate, closing.signal)
  onTestFinished(async () => {
    closing.abort()
    await Promise.all([at.entra.closed, at.graph.closed])
    trail.close()
  })
  const faults = new Faults()
  const entra = createEntra({
    faults,
    origin: at.entra.url,
    clientId,
    clientSecret: entraClientSecret,
  })
  const graph = createGraph({ faults, origin: at.graph.url, entraKeys: entra.publishedKeys })
  await entra.prepare()
  at.entra.serve(entra.app)
  at.graph.serve(graph.app)
  const trusted = join(trail.folder, 'certificate.pem')
  writeFileSync(trusted, certificate.cert)
  const environment = {
    ...trail.environment,
    ENTRA_AUTHORITY: at.entra.url,
    ENTRA_CLIENT_ID: clientId,
    ENTRA_CLIENT_SECRET: entraClientSecret,
    GRAPH_URL: at.graph.url,
    NODE_EXTRA_CA_CERTS: trusted,
  }
  return { environment, faults }
}

test('an administrator connects, lists, checks and disconnects mailboxes by command', async () => {
  const { environment, faults } = await openMicrosoft()
  const mailbox = async (...args: string[]) => {
    const { code, output, errors } = await command(environment, 'admin', 'mailbox', ...args)
    return { code, errors, said: args.includes('--json') && code < 2 ? JSON.parse(output) : output }
  }
  const organisation = ['--organisation', ada.tenantId]

  expect(
    await mailbox('connect', attic.objectId, cellar.objectId, nobody, ...organisation, '--json'),
  ).toMatchObject({
    code: 1,
    said: {
      results: [
        { objectId: attic.objectId, mailbox: { permission: 'read', state: 'connected' } },
        { objectId: cellar.objectId, mailbox: { state: 'connected' } },
        { objectId: nobody, why: expect.stringContaining('no calendar in Exchange Online') },
      ],
    },
  })
  expect(
    await mailbox('connect', attic.objectId, ...organisation, '--permission', 'read-write'),
  ).toMatchObject({
    code: 1,
    said: expect.stringContaining('A policy of your organisation'),
  })
  const first = await mailbox('list', ...organisation, '--limit', '1', '--json')
  expect(first.said).toMatchObject({ mailboxes: [{ objectId: attic.objectId }], next: attic.objectId })
  expect(await mailbox('list', ...organisation, '--after', attic.objectId)).toMatchObject({
    code: 0,
    said: expect.stringMatching(new RegExp(`^${cellar.objectId}\tread\tconnected\t.+\n$`)),
  })

  // Graph never answers, and the command ends all the same.
  faults.add({ vendor: 'graph', silence: true, times: 'always' })
  const down = await mailbox('check', attic.objectId, ...organisation, '--json')
  expect(down.said).toMatchObject({ results: [{ mailbox: { state: 'provider_down', failures: 1 } }] })
  await faults.clear()
  expect((await mailbox('disconnect', attic.objectId, ...organisation)).said).toBe(
    `${attic.objectId}\tdisconnected\n`,
  )
  expect((await mailbox('disconnect', attic.objectId, ...organisation)).code).toBe(1)

  for (const [wrong, says] of [
    [['list'], '--organisation must be'],
    [['connect', 'attic@contoso.example', ...organisation], 'Name mailboxes by their object ids'],
    [['connect', attic.objectId, ...organisation, '--permission', 'all'], '--permission must be'],
    [['move'], 'There is no command "mailbox move"'],
  ] as const) {
    const refused = await mailbox(...wrong)
    expect(refused.code).toBe(2)
    expect(refused.errors).toContain(says)
  }
})
