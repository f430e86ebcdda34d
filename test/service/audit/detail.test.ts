import { expect, onTestFinished, test } from 'vitest'
import { upTo } from '../database/kit.ts'
import { hasPostgres, openWorld } from '../kit.ts'

const at = `date_trunc('milliseconds', now())`

test.skipIf(!hasPostgres)(
  'an upgrade reads no stored record of the audit trail, for which older processes would wait, and new ones have a narrow form',
  async () => {
    const world = await openWorld('PostgreSQL')
    onTestFinished(world.close)
    await upTo('0046-shorter-credentials', world.settings.DATABASE_URL as string)
    // Whoever read this one would refuse it.
    await world.sql(`
      alter table audit drop constraint audit_detail_check, drop constraint audit_act_check;
      insert into audit (seq, at, act, detail, hash) values (1, ${at}, 'damaged', 'damaged', sha256(''));
      update audit_head set seq = 1;
      alter table audit add constraint audit_detail_check check (true), add constraint audit_act_check check (true)`)
    await world.startService()

    let seq = 1_000
    const record = (detail: string) =>
      world.sql(`
        insert into audit (seq, at, act, detail, hash)
        values (${seq++}, ${at}, 'proof refused', '${detail}', sha256(''))`)
    const longest = `always-deny:${Array(85).fill('DE').join(';')}`
    for (const right of [
      'version=1',
      'policy=countries old=zoom new=always-deny:DE',
      `policy=countries old=${longest} new=${longest}`,
      'reason=form provider=zoom purpose=access-token version=1',
    ])
      await record(right)
    for (const wrong of [
      '',
      'Lunch',
      'reason=form subject=Lunch',
      'provider=zoomLunch',
      'provider=zoomversion=1',
      ' version=1',
      'version=1 ',
      'version=1  count=1',
      'version=1 count=1 first=1 last=1 version=2',
      `new=${Array(250).fill('DE').join(';')}`,
      'new=always-deny:Germany',
    ])
      await expect(record(wrong), wrong).rejects.toThrow('audit_detail_check')
  },
)
