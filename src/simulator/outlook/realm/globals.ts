/**
 * Everything that code finds in the runtime without a page, beside `Office`. The engine is close to React Native's and
 * Microsoft lists no more than this; what is not certain to be there, like `URL` or `AbortController`, is not.
 * Source: "Runtimes in Office Add-ins", "Troubleshoot event-based and spam-reporting add-ins".
 */
const ofTheRuntime =
  'console fetch XMLHttpRequest WebSocket Promise setTimeout clearTimeout setInterval clearInterval'

/** ECMAScript 2016. */
const ofTheLanguage =
  'globalThis undefined NaN Infinity eval isFinite isNaN parseFloat parseInt decodeURI decodeURIComponent encodeURI ' +
  'encodeURIComponent Object Function Boolean Symbol Error EvalError RangeError ReferenceError SyntaxError TypeError ' +
  'URIError Number Math Date String RegExp Array Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array ' +
  'Int32Array Uint32Array Float32Array Float64Array Map Set WeakMap WeakSet ArrayBuffer DataView JSON Reflect Proxy'

const kept = new Set(`${ofTheRuntime} ${ofTheLanguage} constructor`.split(' '))

/** Takes everything else away from a global object, and from what it inherits. */
export function leaveOnlyKnown(global: object): void {
  for (let owner = global; owner && owner !== Object.prototype; owner = Object.getPrototypeOf(owner)) {
    for (const name of Object.getOwnPropertyNames(owner)) {
      if (!kept.has(name)) Reflect.deleteProperty(owner, name)
    }
  }
}
