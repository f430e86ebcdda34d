/**
 * Hosts classic Outlook's JavaScript-only runtime, at the add-in's origin: it starts a worker and relays its messages.
 * A script that the add-in's server does not list runs without an origin, so no other server can allow it.
 * Source: "Enable single sign-on or cross-origin resource sharing in your event-based add-in".
 */
export const realmPage = `<!doctype html>
<script type="module">
  const { host, conversationId, script, members, offline } = JSON.parse(window.name)
  const list = new URL('/.well-known/microsoft-officeaddins-allowed.json', script)

  const text = async (url) => {
    const response = await fetch(url)
    if (!response.ok) throw new Error(url + ' answered ' + response.status)
    return response.text()
  }
  const isListed = async () => JSON.parse(await text(list)).allowed.includes(script)

  const run = async ({ realm }) => {
    const [code, listed] = await Promise.all([text(script), isListed().catch(() => false)])
    const source = listed
      ? URL.createObjectURL(new Blob([realm], { type: 'text/javascript' }))
      : 'data:text/javascript,' + encodeURIComponent(realm)
    const worker = new Worker(source)
    worker.onmessage = ({ data }) => window.parent.postMessage(data, host)
    const start = { conversationId, members, offline, code: code + '\\n//# sourceURL=' + script }
    worker.postMessage(JSON.stringify(start))
    return worker
  }

  let worker
  window.onmessage = async ({ origin, source, data }) => {
    if (origin !== host || source !== window.parent) return
    if (worker) (await worker).postMessage(data)
    else worker = run(JSON.parse(data))
  }
</script>
`
