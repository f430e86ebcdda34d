#!/usr/bin/env bash
# @electric-sql/pglite 0.5.16 on a folder never asks the system to sync, although synchronous_commit is on.
#
# Behaviour: 20 committed inserts and a CHECKPOINT make no fsync or fdatasync call. The server starts with fsync = off.
#   With fsync = on there is no call either. Committed rows can be lost when the power fails.
# Output: synchronous_commit on, fsync off, sync calls 0
#         synchronous_commit on, fsync on, sync calls 0
# A good engineer would have guessed: with a folder on disk a commit is durable, at least where fsync is on.
# Needs Node 20 or later; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts @electric-sql/pglite@0.5.16 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

let syncs = 0
for (const name of ['fsync', 'fsyncSync', 'fdatasync', 'fdatasyncSync']) {
  const original = fs[name]
  fs[name] = (...args) => {
    syncs += 1
    return original(...args)
  }
}
syncBuiltinESMExports()
fs.fdatasyncSync(fs.openSync('probe.mjs', 'r+'))
assert.equal(syncs, 1, 'the counter counts')

const { PGlite } = await import('@electric-sql/pglite')
const said = []
for (const startParams of [PGlite.defaultStartParams, [...PGlite.defaultStartParams, '-c', 'fsync=on']]) {
  syncs = 0
  const db = await PGlite.create({ dataDir: 'data', startParams })
  await db.exec('create table if not exists t (n int)')
  for (let n = 0; n < 20; n += 1) await db.query('insert into t values ($1)', [n])
  await db.exec('checkpoint')
  const shown = async name => `${name} ${Object.values((await db.query(`show ${name}`)).rows[0])[0]}`
  said.push(`${await shown('synchronous_commit')}, ${await shown('fsync')}, sync calls ${syncs}`)
  await db.close()
}
console.log(said.join('\n'))
assert.deepEqual(said, ['synchronous_commit on, fsync off, sync calls 0', 'synchronous_commit on, fsync on, sync calls 0'])
JS
node probe.mjs
