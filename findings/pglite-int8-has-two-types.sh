#!/usr/bin/env bash
# @electric-sql/pglite 0.5.16 gives one int8 column two JavaScript types; pg 8.23.1 gives a third.
#
# Behaviour: a value up to 2^53 - 1 is a number, a larger one in the same column is a BigInt. pg always gives a string.
#   Arithmetic that works for every row in a test throws "Cannot mix BigInt" for the first large row.
# Output: pglite: number bigint
#         pg: string string
# A good engineer would have guessed: PGlite gives strings like pg, or always BigInt.
# Needs Node 20 or later; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts @electric-sql/pglite@0.5.16 pg@8.23.1 pg-types@2.2.0 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'

const numbers = ['9007199254740991', '9007199254740993']
const db = await PGlite.create()
const { rows, fields } = await db.query('select unnest($1::int8[]) as n', [numbers])
await db.close()
const embedded = rows.map(row => typeof row.n)
const read = pg.types.getTypeParser(fields[0].dataTypeID)
const server = numbers.map(text => typeof read(text))
console.log(`pglite: ${embedded.join(' ')}\npg: ${server.join(' ')}`)
assert.deepEqual(embedded, ['number', 'bigint'])
assert.deepEqual(server, ['string', 'string'])
JS
node probe.mjs
