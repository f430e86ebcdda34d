/**
 * The parts of the MicrosoftAjax library that the genuine Office.js uses. Office.js looks for them first, and otherwise
 * loads the library from Microsoft's network.
 */
export function putMicrosoftAjax(): void {
  if ('Sys' in window) return
  Object.assign(window, { Type: Function, Sys })
  Object.assign(Function, {
    registerNamespace,
    registerClass: returnThis,
    _validateParams: () => null,
    _validateParameter: () => null,
    createDelegate: (target: unknown, method: (...args: unknown[]) => unknown) => method.bind(target),
  })
  Object.defineProperty(Function.prototype, 'registerClass', { value: returnThis, configurable: true })
  Object.assign(Error, errors)
}

class StringBuilder {
  readonly #parts: unknown[]

  constructor(first?: unknown) {
    this.#parts = first === undefined ? [] : [first]
  }

  append(part: unknown): this {
    this.#parts.push(part)
    return this
  }

  toString(separator = ''): string {
    return this.#parts.join(separator)
  }
}

const Sys = {
  StringBuilder,
  Debug: { trace: (message: unknown) => console.debug(message) },
  Browser: { agent: null, InternetExplorer: {} },
  Serialization: {
    JavaScriptSerializer: {
      serialize: (value: unknown) => JSON.stringify(value),
      deserialize: (text: string) => JSON.parse(text),
    },
  },
}

/** `Error.argument(…)` and others create the exceptions that Office.js throws. */
const errors = {
  create: (message: string, details: object) => Object.assign(new Error(message), details),
  argument: exception('ArgumentException'),
  argumentNull: exception('ArgumentNullException'),
  argumentOutOfRange: exception('ArgumentOutOfRangeException'),
  argumentType: exception('ArgumentTypeException'),
  argumentUndefined: exception('ArgumentUndefinedException'),
  invalidOperation: exception('InvalidOperationException'),
  parameterCount: exception('ParameterCountException'),
}

function exception(kind: string) {
  return (...about: unknown[]) => {
    const error = new Error([`Sys.${kind}`, ...about.filter((a) => typeof a === 'string')].join(': '))
    error.name = `Sys.${kind}`
    return error
  }
}

function registerNamespace(path: string): void {
  let space = window as unknown as Record<string, Record<string, never>>
  for (const name of path.split('.')) {
    space[name] ??= {}
    space = space[name]
  }
}

function returnThis(this: unknown): unknown {
  return this
}
