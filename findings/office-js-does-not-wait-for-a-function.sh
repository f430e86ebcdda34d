#!/usr/bin/env bash
# Office.js 1.1.110 does not wait for the function of a command that is not associated yet: it ends the command.
#
# Behaviour: Outlook passes a press of a button to Office.js by the name of a function. If the page's module script has
#   not run yet, Office.js finds no function. It completes the command at once with an error code and an empty string,
#   also before Office.onReady has called back. To associate the function afterwards changes nothing. A global function
#   of that name, from a script before Office.js, is called.
# Output: module still loading: completed 1 with code 11101 and ""; after associate: called 0 times
#         global function:      called 1 time
# A good engineer would have guessed: a press waits until Office.onReady, where Microsoft's samples associate functions.
# Needs Node 20 or later; seen on 24.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts @microsoft/office-js@1.1.110 jsdom@26.1.0 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { JSDOM } from 'jsdom'

const { window } = new JSDOM('<script src="https://appsforoffice.microsoft.com/lib/1/hosted/office.js"></script>', {
  url: 'https://addin.example/commands.html?_host_Info=Outlook$Web$16.01$en-US$1$$$0',
  runScripts: 'outside-only',
})
for (const file of ['office.debug.js', 'outlook-web-16.01.debug.js'])
  window.eval(readFileSync(`node_modules/@microsoft/office-js/dist/${file}`, 'utf8'))

const completed = []
const manager = window.OfficeExt.AppCommand.AppCommandManager.instance()
// Where Office.js tells Outlook that a command has ended.
manager._pseudoDocument = { appCommandInvocationCompletedAsync: (...said) => completed.push(said) }
const press = (id, callbackName) => manager._processAppCommandInvocation({ appCommandId: id, callbackName, eventObjStr: '{}' })

let calls = 0
press('1', 'addMeeting')
window.Office.actions.associate('addMeeting', () => calls++)
await pause(100)
const [[id, code, text]] = completed
console.log(`module still loading: completed ${id} with code ${code} and "${text}"; after associate: called ${calls} times`)
assert.deepEqual([id, text, calls], ['1', '', 0])
assert.notEqual(code, 0)

window.removeMeeting = () => calls++
press('2', 'removeMeeting')
await pause(100)
console.log(`global function:      called ${calls} time`)
assert.equal(calls, 1)
assert.equal(completed.length, 1)
process.exit()
JS
node probe.mjs
