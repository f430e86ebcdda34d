/** Members of an item that an Office.js lacks or that throw, by path: `recurrence`, `recurrence.getAsync`. */
export interface Members {
  missing: readonly string[]
  throwing: readonly string[]
}

/** A copy of an item without the missing members, and with functions that throw in place of the throwing ones. */
export function deviating<Item extends object>(item: Item, { missing, throwing }: Members): Item {
  let deviant = item
  for (const path of missing) deviant = replaced(deviant, path.split('.'), undefined)
  for (const path of throwing) deviant = replaced(deviant, path.split('.'), refuse(path))
  return deviant
}

/** Office.js's members cannot be changed, so each object on the way is copied. Undefined removes the member. */
function replaced<Owner extends object>(owner: Owner, [name = '', ...rest]: string[], value: unknown): Owner {
  const { [name]: own, ...others } = Object.getOwnPropertyDescriptors(owner) as PropertyDescriptorMap
  const before: unknown = own?.value
  if (rest.length && !isObject(before)) return owner
  const next = rest.length ? replaced(before as object, rest, value) : value
  return Object.create(Object.getPrototypeOf(owner), {
    ...others,
    ...(next === undefined ? {} : { [name]: { ...own, value: next } }),
  })
}

const refuse = (path: string) => () => {
  throw new Error(`Simulated: ${path} throws.`)
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
