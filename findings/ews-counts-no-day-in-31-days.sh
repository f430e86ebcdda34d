#!/usr/bin/env bash
# ews-javascript-api 0.15.3: the Days of a TimeSpan of 31 days are 0.
#
# Behaviour: the library repeats Microsoft's EWS Managed API, where Days counts all whole days. Here a span is split into
#   years, months and days, and no property says how many months. Appointment.Duration is such a span:
#   for 59 days away, Days is 28. TotalDays is right.
# Output: 30 days: Days 30, TotalDays 30
#         31 days: Days 0, TotalDays 31
#         59 days: Days 28, TotalDays 59
#         365 days: Days 30, TotalDays 365
# A good engineer would have guessed: Days and Hours together give the duration, as in .NET.
# Needs Node 20 or later; seen on 20 and 24. The server below answers as Exchange does.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts ews-javascript-api@0.15.3 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import ews from 'ews-javascript-api'

const types = 'http://schemas.microsoft.com/exchange/services/2006/types'
const messages = 'http://schemas.microsoft.com/exchange/services/2006/messages'
const item = days =>
  `<t:CalendarItem><t:ItemId Id="${days}" ChangeKey="1"/><t:Start>2026-01-05T09:00:00Z</t:Start><t:Duration>P${days}D</t:Duration></t:CalendarItem>`
const lengths = [30, 31, 59, 365]
const answer = `<?xml version="1.0" encoding="utf-8"?>
<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header>
<t:ServerVersionInfo MajorVersion="15" MinorVersion="1" MajorBuildNumber="1" MinorBuildNumber="1" xmlns:t="${types}"/>
</s:Header><s:Body><m:FindItemResponse xmlns:m="${messages}" xmlns:t="${types}"><m:ResponseMessages>
<m:FindItemResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>
<m:RootFolder TotalItemsInView="4" IncludesLastItemInRange="true"><t:Items>${lengths.map(item).join('')}</t:Items></m:RootFolder>
</m:FindItemResponseMessage></m:ResponseMessages></m:FindItemResponse></s:Body></s:Envelope>`
const exchange = createServer((request, response) => {
  request.resume().on('end', () => response.setHeader('content-type', 'text/xml; charset=utf-8').end(answer))
}).listen(0, '127.0.0.1')
await new Promise(resolve => exchange.once('listening', resolve))

const service = new ews.ExchangeService(ews.ExchangeVersion.Exchange2013)
service.Url = new ews.Uri(`http://127.0.0.1:${exchange.address().port}/EWS/Exchange.asmx`)
service.Credentials = new ews.WebCredentials('user', 'password')
const range = new ews.CalendarView(new ews.DateTime('2026-01-05T00:00:00Z'), new ews.DateTime('2026-01-06T00:00:00Z'))
const { Items: found } = await service.FindAppointments(ews.WellKnownFolderName.Calendar, range)
exchange.close()
exchange.closeAllConnections()
const said = found.map(({ Duration: { Days, TotalDays } }, index) => `${lengths[index]} days: Days ${Days}, TotalDays ${TotalDays}`)
console.log(said.join('\n'))
assert.deepEqual(said, [
  '30 days: Days 30, TotalDays 30',
  '31 days: Days 0, TotalDays 31',
  '59 days: Days 28, TotalDays 59',
  '365 days: Days 30, TotalDays 365',
])
JS
TZ=UTC node probe.mjs
