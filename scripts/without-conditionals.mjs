/**
 * A Rollup plugin for classic Outlook's JavaScript runtime, which before build 2403 loads no file with a conditional
 * operator in it: `test ? yes : no` becomes `(test && [yes] || [no])[0]`, which evaluates the same things in the same
 * order. Source: "Troubleshoot event-based add-ins", Office Add-ins documentation.
 */
export function withoutConditionals() {
  return {
    name: 'without-conditionals',
    renderChunk(code) {
      return textOf({ ...this.parse(code), start: 0, end: code.length }, code)
    },
  }
}

/** The node's text, every conditional inside it rewritten. */
function textOf(node, code) {
  let text = ''
  let at = node.start
  for (const { test, consequent, alternate, start, end } of conditionalsIn(node)) {
    const [condition, yes, no] = [test, consequent, alternate].map((part) => textOf(part, code))
    text += `${code.slice(at, start)}((${condition}) && [${yes}] || [${no}])[0]`
    at = end
  }
  return text + code.slice(at, node.end)
}

/** The outermost conditionals of a node, itself included, in the order of the text. */
function conditionalsIn(node) {
  if (node.type === 'ConditionalExpression') return [node]
  return Object.values(node)
    .flat()
    .filter((child) => typeof child?.type === 'string')
    .flatMap(conditionalsIn)
    .sort((one, other) => one.start - other.start)
}
