#!/usr/bin/env bash
# rate-limiter-flexible 11.4.0: with the PostgreSQL store a limit's window follows the clock of whoever asks.
#
# Behaviour: the limit is used up. A process whose clock is 61 s ahead asks: for it the window of 60 s is over, it opens
#   a new one, and the process with the right clock then has to wait for longer than the window is.
# Output: used up: wait 60 s
#         process 61 s ahead: allowed
#         right clock, after that: wait 121 s
# A good engineer would have guessed: the database that holds the limit also tells the time (now() in the statement).
# Needs Node 20 or later; seen on 20 and 24. PGlite 0.5.16 stands for the server.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts rate-limiter-flexible@11.4.0 @electric-sql/pglite@0.5.16 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { PGlite } from '@electric-sql/pglite'
import { RateLimiterPostgres } from 'rate-limiter-flexible'

const db = await PGlite.create()
const storeClient = { query: asked => (asked.text ? db.query(asked.text, asked.values) : db.exec(asked)) }
const limiter = await new Promise((resolve, reject) => {
  const settings = { storeClient, storeType: 'client', tableName: 'limits', points: 1, duration: 60 }
  const made = new RateLimiterPostgres({ ...settings, clearExpiredByTimeout: false }, error =>
    error ? reject(error) : resolve(made),
  )
})
const ask = () =>
  limiter.consume('caller').then(
    () => 'allowed',
    refused => `wait ${Math.ceil(refused.msBeforeNext / 1000)} s`,
  )

const clock = Date.now
const frozen = clock()
Date.now = () => frozen
await ask()
const said = [`used up: ${await ask()}`]
Date.now = () => frozen + 61_000
said.push(`process 61 s ahead: ${await ask()}`)
Date.now = () => frozen
said.push(`right clock, after that: ${await ask()}`)
Date.now = clock
console.log(said.join('\n'))
assert.deepEqual(said, ['used up: wait 60 s', 'process 61 s ahead: allowed', 'right clock, after that: wait 121 s'])
process.exit()
JS
node probe.mjs
