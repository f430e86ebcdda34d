#!/usr/bin/env bash
# ews-javascript-api 0.15.3: of two streaming notifications that arrive together, the second waits or is lost.
#
# Behaviour: a streaming connection of Exchange is one answer that goes on for minutes, an envelope for each notification.
#   The client takes one envelope out of each piece that the network delivers. Where a piece holds three, two wait until
#   something else arrives, and are dropped without an error when the connection reaches its lifetime.
# Output: three pieces: item-1 item-2 item-3, then closed without an error
#         one piece: item-1, then closed without an error
# A good engineer would have guessed: how the network cuts an answer changes nothing. The client keeps what it has not
#   used yet, so it was written with pieces in mind, and reads all that is whole.
# The stand-in answers as Exchange does: SubscribeResponse, then GetStreamingEventsResponse in envelopes without a prefix.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >npm.log
npm install --silent --no-audit --no-fund --ignore-scripts ews-javascript-api@0.15.3 >>npm.log
cat >probe.cjs <<'JS'
const assert = require('node:assert/strict')
const { createServer } = require('node:http')
const ews = require('ews-javascript-api')

const soap = 'http://schemas.xmlsoap.org/soap/envelope/'
const names =
  'xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"'
const answer = (operation, content) =>
  `<Envelope xmlns="${soap}"><Header/><Body><m:${operation}Response ${names}><m:ResponseMessages>` +
  `<m:${operation}ResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>${content}` +
  `</m:${operation}ResponseMessage></m:ResponseMessages></m:${operation}Response></Body></Envelope>`
const changed = number =>
  answer(
    'GetStreamingEvents',
    '<m:Notifications><m:Notification><t:SubscriptionId>one</t:SubscriptionId><t:ModifiedEvent>' +
      `<t:TimeStamp>2026-11-29T10:00:0${number}Z</t:TimeStamp><t:ItemId Id="item-${number}" ChangeKey="c"/>` +
      '<t:ParentFolderId Id="calendar" ChangeKey="c"/></t:ModifiedEvent></m:Notification></m:Notifications>',
  )
const three = [1, 2, 3].map(changed)

/** What the client hands over of a connection that delivers these pieces and then ends. */
async function handedOver(pieces) {
  let taken = () => {}
  const server = createServer(async (request, response) => {
    let asked = ''
    for await (const part of request) asked += part
    response.writeHead(200, { 'content-type': 'text/xml; charset=utf-8' })
    if (!asked.includes('GetStreamingEvents')) {
      response.end(answer('Subscribe', '<m:SubscriptionId>one</m:SubscriptionId>'))
      return
    }
    for (const piece of pieces) {
      // The next piece goes when the client has handed over something of this one.
      const used = new Promise(resolve => (taken = resolve))
      response.write(piece)
      await used
    }
    response.end()
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  const service = new ews.ExchangeService(ews.ExchangeVersion.Exchange2016)
  service.Credentials = new ews.WebCredentials('person', 'password')
  service.Url = new ews.Uri(`http://127.0.0.1:${server.address().port}/EWS/Exchange.asmx`)
  const folder = new ews.FolderId(ews.WellKnownFolderName.Calendar)
  const subscription = await service.SubscribeToStreamingNotifications([folder], ews.EventType.Modified)
  const connection = new ews.StreamingSubscriptionConnection(service, 1)
  connection.AddSubscription(subscription)
  const items = []
  connection.OnNotificationEvent.push((_, { Events }) => {
    items.push(...Events.map(event => event.ItemId.UniqueId))
    taken()
  })
  const end = await new Promise(resolve => {
    connection.OnDisconnect.push((_, { Exception }) => resolve(Exception ? 'with an error' : 'without an error'))
    connection.Open()
  })
  server.close()
  return `${items.join(' ')}, then closed ${end}`
}

async function main() {
  const said = [
    `three pieces: ${await handedOver(three)}`,
    `one piece: ${await handedOver([three.join('')])}`,
  ]
  console.log(said.join('\n'))
  assert.deepEqual(said, [
    'three pieces: item-1 item-2 item-3, then closed without an error',
    'one piece: item-1, then closed without an error',
  ])
}
main().then(() => process.exit(), error => {
  console.error(error)
  process.exit(1)
})
JS
node probe.cjs
