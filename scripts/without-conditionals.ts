import type { Plugin } from 'vite'

/** As much of ESTree as is needed to walk it. */
interface Node {
  type: string
  start: number
  end: number
}
interface Conditional extends Node {
  type: 'ConditionalExpression'
  test: Node
  consequent: Node
  alternate: Node
}

/**
 * For classic Outlook's JavaScript runtime, which before build 2403 loads no file with a conditional operator in it:
 * `test ? yes : no` becomes `(test && [yes] || [no])[0]`, which evaluates the same things in the same order.
 * Source: "Troubleshoot event-based and spam-reporting add-ins", Office Add-ins documentation.
 */
export function withoutConditionals(): Plugin {
  return {
    name: 'without-conditionals',
    renderChunk(code) {
      return textOf({ ...this.parse(code), start: 0, end: code.length }, code)
    },
  }
}

/** The node's text, every conditional inside it rewritten. */
function textOf(node: Node, code: string): string {
  let text = ''
  let at = node.start
  for (const { test, consequent, alternate, start, end } of conditionalsIn(node)) {
    const [condition, yes, no] = [test, consequent, alternate].map((part) => textOf(part, code))
    text += `${code.slice(at, start)}((${condition}) && ${listOf(yes)} || ${listOf(no)})[0]`
    at = end
  }
  return text + code.slice(at, node.end)
}

/** An empty list is true too, and has nothing first. */
const listOf = (value = '') => (/^(void 0|undefined)$/.test(value) ? '[]' : `[${value}]`)

/** The outermost conditionals of a node, itself included, in the order of the text. */
function conditionalsIn(node: Node): Conditional[] {
  if (isConditional(node)) return [node]
  return Object.values(node)
    .flat()
    .filter((child): child is Node => typeof child?.type === 'string')
    .flatMap(conditionalsIn)
    .sort((one, other) => one.start - other.start)
}

function isConditional(node: Node): node is Conditional {
  return node.type === 'ConditionalExpression'
}
