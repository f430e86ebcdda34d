#!/usr/bin/env bash
# @kenjiuno/msgreader 1.28.0 reads a day of a series that was set to "Free" and has no reminder as a day without either.
#
# Behaviour: Outlook stores a series in a .msg as a blob (MS-OXOCAL), in which a changed day carries the values that were
#   changed. The library leaves out each of them that is zero: busy status 0 is "Free", reminder 0 is "none". Only the bits of
#   overrideFlags (8: reminder, 32: busy status) still say that there was a value. "Tentative" is there. Who takes a missing
#   value from the series, as the format says, has the day as busy.
# Output: Free, no reminder: overrideFlags 40, busyStatus undefined, reminderSet undefined
#         Tentative, reminder: overrideFlags 40, busyStatus 1, reminderSet 1
# A good engineer would have guessed: busyStatus 0 and reminderSet 0 for the first one.
# Needs Node 20 or later; seen on 20 and 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts @kenjiuno/msgreader@1.28.0 >npm.log
cat >probe.cjs <<'JS'
const assert = require('node:assert/strict')
const { default: MsgReader } = require('@kenjiuno/msgreader')
const { burn } = require('@kenjiuno/msgreader/lib/Burner')
const { TypeEnum } = require('@kenjiuno/msgreader/lib/Reader')

/** Little-endian bytes of [size, value …] rows. */
const bytes = (...rows) =>
  Uint8Array.from(rows.flatMap(([size, ...values]) => values.flatMap(value => number(size, value))))
const number = (size, value) => Array.from({ length: size }, (_, place) => Math.floor(value / 256 ** place) % 256)
/** Minutes since 1601. */
const minutes = time => Date.parse(`${time}Z`) / 60_000 + 194_074_560

// Mondays at 10:00 for an hour, four of them from 30 November 2026; the second was changed.
const series = (reminderSet, busyStatus) =>
  bytes(
    [2, 0x3004, 0x3004, 0x200b, 1, 0], // versions, weekly, pattern of a week, calendar
    [4, 8640, 1, 0, 2], // first date within its week, each week, no sliding, Monday
    [4, 0x2022, 4, 0], // ends after 4, week begins on Sunday
    [4, 1, minutes('2026-12-07T00:00'), 1, minutes('2026-12-07T00:00')], // days that are not as the series says
    [4, minutes('2026-11-30T00:00'), minutes('2026-12-21T00:00')],
    [4, 0x3006, 0x3009, 600, 660],
    [2, 1],
    [4, minutes('2026-12-07T10:00'), minutes('2026-12-07T11:00'), minutes('2026-12-07T10:00')],
    [2, 0x08 | 0x20],
    [4, reminderSet, busyStatus],
    [4, 0, 4, 0, 0, 0], // reserved, change highlight, reserved
  )

const stream = (name, content) => ({
  name,
  type: TypeEnum.DOCUMENT,
  length: content.length,
  binaryProvider: () => content,
})
const message = blob =>
  burn([
    { name: 'Root Entry', type: TypeEnum.ROOT, length: 0, children: [1, 5, 6] },
    { name: '__nameid_version1.0', type: TypeEnum.DIRECTORY, length: 0, children: [2, 3, 4] },
    stream('__substg1.0_00020102', Uint8Array.from(Buffer.from('0220060000000000c000000000000046', 'hex'))),
    stream('__substg1.0_00030102', bytes([4, 0x8216], [2, 3 << 1, 0])), // PidLidAppointmentRecur
    stream('__substg1.0_00040102', bytes([4, 0])),
    stream('__properties_version1.0', bytes([4, 0, 0, 0, 0, 0, 0, 0, 0, 0x80000102, 6, blob.length, 0])),
    stream('__substg1.0_80000102', blob),
  ])
const said = [
  ['Free, no reminder', series(0, 0)],
  ['Tentative, reminder', series(1, 1)],
].map(([name, blob]) => {
  const [day] = new MsgReader(message(blob).buffer).getFileData().apptRecur.exceptionInfo
  return `${name}: overrideFlags ${day.overrideFlags}, busyStatus ${day.busyStatus}, reminderSet ${day.reminderSet}`
})
console.log(said.join('\n'))
assert.deepEqual(said, [
  'Free, no reminder: overrideFlags 40, busyStatus undefined, reminderSet undefined',
  'Tentative, reminder: overrideFlags 40, busyStatus 1, reminderSet 1',
])
JS
node probe.cjs
