import { fileURLToPath } from 'node:url'
import { Hono } from 'hono'
import { XmlDocument, XmlElement, XsdValidator } from 'libxml2-wasm'
import { xmlRegisterFsInputProviders } from 'libxml2-wasm/lib/nodejs.mjs'
import type { Post } from '../src/simulator/vendor.ts'

xmlRegisterFsInputProviders()
const names = 'http://schemas.microsoft.com/exchange/services/2006'
const soap = { soap: 'http://schemas.xmlsoap.org/soap/envelope/' }
const validator = XsdValidator.fromDoc(
  XmlDocument.fromString(
    `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:import namespace="${names}/messages" schemaLocation="messages.xsd"/></xs:schema>`,
    { url: fileURLToPath(new URL('conformance/ews/all.xsd', import.meta.url)) },
  ),
)

/** What Microsoft's schemas say against the headers and the body of an envelope. Empty: nothing. */
export function faultsOf(envelope: string): string {
  const document = XmlDocument.fromString(envelope)
  try {
    const parts = document.find('/soap:Envelope/soap:Header/* | /soap:Envelope/soap:Body/*', soap)
    if (!document.get('/soap:Envelope/soap:Body/*', soap)) return 'There is no body.'
    return parts
      .map((part) => (part instanceof XmlElement ? faultsOfPart(part, document.root.nsDeclarations) : ''))
      .join('')
  } finally {
    document.dispose()
  }
}

/** A SOAP fault has no schema of Exchange's: its two parts (SOAP 1.1, 4.4) have to be there. */
function faultsOfPart(part: XmlElement, around: Record<string, string>): string {
  if (part.namespaceUri === soap.soap && part.name === 'Fault')
    return part.get('faultcode') && part.get('faultstring') ? '' : 'A fault without its parts.'
  // The schemas are of one version of the server, and a request may name an earlier one ("EWS schema versions in Exchange").
  const inside = part
    .toString({ format: false })
    .replace(/(?<=RequestServerVersion Version="Exchange)2013/, '2016')
  const [tag = ''] = /^<[^>]*>/.exec(inside) ?? []
  const declared = Object.entries(around)
    .filter(([prefix]) => !tag.includes(`xmlns:${prefix}=`))
    .map(([prefix, uri]) => ` xmlns:${prefix}="${uri}"`)
  const alone = XmlDocument.fromString(inside.replace(/^<[^\s/>]+/, `$&${declared.join('')}`))
  try {
    validator.validate(alone)
    return ''
  } catch (error) {
    return String(error)
  } finally {
    alone.dispose()
  }
}

/**
 * An EWS folder whose requests and answers the schemas judge, each of them. What they refuse fails the test run, as an error
 * that nothing catches.
 */
export const judged = (ews: Hono): Hono =>
  new Hono()
    .use(async (c, next) => {
      const asked = await c.req.raw.clone().text()
      await next()
      judge(asked)
      if (c.res.body) c.res = new Response(c.res.body.pipeThrough(judging()), c.res)
    })
    .route('/', ews)

/** What a server sends by itself, and what it is answered, are judged too. */
export const judgedPost =
  (post: Post): Post =>
  async (url, options) => {
    judge(options.body ?? '')
    const answer = await post(url, options)
    judge(answer.text)
    return answer
  }

/** Passes an answer on as it comes. One that hangs has many envelopes, and may be cut off. */
function judging(): TransformStream<Uint8Array, Uint8Array> {
  const decoder = new TextDecoder()
  let text = ''
  return new TransformStream({
    transform(part, passed) {
      passed.enqueue(part)
      text += decoder.decode(part, { stream: true })
      const envelopes = text.split(/(?<=Envelope>)/)
      text = envelopes.pop() ?? ''
      for (const envelope of envelopes) judge(envelope)
    },
    flush: () => judge(text),
  })
}

function judge(envelope: string): void {
  if (!/<\/\w+:Envelope>\s*$/.test(envelope)) return
  const faults = faultsOf(envelope)
  if (faults) queueMicrotask(() => fail(envelope, faults))
}

function fail(envelope: string, faults: string): never {
  throw new Error(`Not valid by the schemas of Exchange: ${faults}\n${envelope}`)
}
