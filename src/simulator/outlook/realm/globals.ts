/**
 * All globals of the JavaScript-only runtime, besides `Office`. The engine is close to React Native's. Microsoft lists no
 * more than these, so globals that may be missing, such as `URL` and `AbortController`, are missing here.
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

/** Removes everything else from a global object and its prototypes. */
export function leaveOnlyKnown(global: object): void {
  for (let owner = global; owner && owner !== Object.prototype; owner = Object.getPrototypeOf(owner)) {
    for (const name of Object.getOwnPropertyNames(owner)) {
      if (!kept.has(name)) Reflect.deleteProperty(owner, name)
    }
  }
}
