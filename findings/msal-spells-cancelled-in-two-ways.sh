#!/usr/bin/env bash
# @azure/msal-browser 5.29.0 has two error codes for a person who cancels a sign-in: one letter apart.
#
# Behaviour: inside Outlook (nested app authentication) the host's USER_CANCEL becomes a ClientAuthError `user_canceled`.
#   BrowserAuthErrorCodes.userCancelled, which a closed window gives, is `user_cancelled`. A comparison with it fails.
# Output: in Outlook: ClientAuthError user_canceled
#         exported for windows: user_cancelled
# A good engineer would have guessed: acquireTokenPopup reports the same act of the person with the same code.
# Needs Node 20 or later; seen on 20 and 24. The bridge below stands for Outlook's.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts @azure/msal-browser@5.29.0 >npm.log
cat >probe.mjs <<'JS'
import assert from 'node:assert/strict'

const storage = () => {
  const kept = new Map()
  return {
    getItem: key => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, value),
    removeItem: key => kept.delete(key),
    key: index => [...kept.keys()][index] ?? null,
    get length() {
      return kept.size
    },
  }
}
const listeners = []
const answers = {
  GetInitContext: { success: true, initContext: { sdkName: 'host', sdkVersion: '1', capabilities: {} } },
  GetTokenPopup: { success: false, error: { status: 'USER_CANCEL', code: '', subError: '', description: '' } },
}
const nestedAppAuthBridge = {
  addEventListener: (_, listener) => listeners.push(listener),
  removeEventListener() {},
  postMessage(text) {
    const { requestId, method } = JSON.parse(text)
    const answer = JSON.stringify({ messageType: 'NestedAppAuthResponse', requestId, ...answers[method] })
    setTimeout(() => listeners.forEach(listener => listener(answer)))
  },
}
Object.assign(globalThis, { addEventListener() {}, removeEventListener() {}, dispatchEvent() {}, nestedAppAuthBridge })
Object.assign(globalThis, { window: globalThis, document: {}, isSecureContext: true })
Object.assign(globalThis, { location: new URL('https://addin.example/') })
for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(globalThis, name, { value: storage() })

const { BrowserAuthErrorCodes, createNestablePublicClientApplication } = await import('@azure/msal-browser')
const app = await createNestablePublicClientApplication({ auth: { clientId: '11111111-2222-4333-8444-555555555555' } })
const error = await app.acquireTokenPopup({ scopes: ['User.Read'] }).catch(thrown => thrown)
console.log(`in Outlook: ${error.name} ${error.errorCode}\nexported for windows: ${BrowserAuthErrorCodes.userCancelled}`)
assert.equal(error.name, 'ClientAuthError')
assert.equal(error.errorCode, 'user_canceled')
assert.equal(BrowserAuthErrorCodes.userCancelled, 'user_cancelled')
process.exit()
JS
node probe.mjs
