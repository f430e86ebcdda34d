import { describe, expect, onTestFinished, test } from 'vitest'
import { untilHeld } from '../../kit.ts'
import { openWay, type Way } from '../attack/way.ts'
import { hasPostgres } from '../kit.ts'
import { inState, openZoomWorld } from './zoom-kit.ts'

const tokenCall = 'POST /oauth/token'

describe.skipIf(!hasPostgres)('a refresh token of Zoom, which replaces the only other one,', () => {
  /** A person has connected their Zoom account, and the service asks Zoom at its next request. */
  async function connected() {
    let way: Way | undefined
    const open = await openZoomWorld('PostgreSQL', async ({ settings }) => {
      way = await openWay(settings.DATABASE_URL as string)
      return { DATABASE_URL: way.url, SWEEP_SECONDS: 3600 }
    })
    onTestFinished(open.world.close)
    await open.connect()
    const { sql } = open.world
    const age = () => sql(`update credentials set replaced_at = now() - interval '11 minutes'`)
    await age()
    return {
      ...open,
      way: way as Way,
      age,
      version: async () => (await sql('select version from credentials'))[0]?.version,
      /** The database refuses to store a credential, so many times. */
      failing: (times: number) =>
        sql(`
          create sequence tries;
          create function fail() returns trigger language plpgsql as $$
            begin
              if nextval('tries') <= ${times} then raise exception 'The disk is full'; end if;
              return new;
            end $$;
          create trigger fail before update on credentials for each row
            when (new.version > old.version) execute function fail()`),
      tries: async () => Number((await sql('select last_value from tries'))[0]?.last_value),
    }
  }

  test('is stored although the database fails four times', async () => {
    const { state, failing, tries, version, age } = await connected()
    await failing(4)
    expect(await state()).toEqual(inState('connected'))
    expect([await tries(), await version()]).toEqual([5, 2])
    await age()
    expect(await state()).toEqual(inState('connected'))
    expect(await version()).toBe(3)
  })

  test('is lost where the database keeps failing: one error, and then one sign-in', async () => {
    const { world, ask, state, failing, tries, version, connect, asked } = await connected()
    await failing(5)
    const before = asked(tokenCall)
    const { status } = await ask('GET', '/connections', { bearer: await world.token() })
    expect(status).toBeGreaterThanOrEqual(500)
    expect([await tries(), await version()]).toEqual([5, 1])
    for (let visit = 0; visit < 3; visit++) expect(await state()).toEqual(inState('needs_sign_in'))
    expect(asked(tokenCall)).toBe(before + 2)
    expect((await connect()).body).toEqual(inState('connected'))
  })

  test('is stored once where the answer to the commit is lost', async () => {
    const { world, state, way, version, age } = await connected()
    world.faults.add({ vendor: 'zoom', match: tokenCall, hold: true })
    const seen = state()
    await untilHeld(world.faults)
    way.breakAfter('commit')
    await world.faults.release()
    expect(await seen).toEqual(inState('connected'))
    expect(await version()).toBe(2)
    const replaced = `select 1 from audit where act = 'credential replaced' and detail like '%refresh-token version=2'`
    expect(await world.sql(replaced)).toHaveLength(1)
    await age()
    expect(await state()).toEqual(inState('connected'))
  })
})
