import type { CompiledQuery, QueryExecutorProvider, QueryResult, RawBuilder } from 'kysely'

/** Stands for a value of a statement that is built before there is one. */
class StandIn {
  constructor(readonly name: PropertyKey) {}
}

/**
 * A statement that Kysely builds once, at its first use: to build a long one takes longer than everything else that this
 * process does to send it. `write` gets a stand-in for each value, and can do nothing with it but put it into the text.
 */
export function builtOnce<Values extends object, Row>(write: (values: Values) => RawBuilder<Row>) {
  const build = textOnce(write)
  return (database: QueryExecutorProvider, values: Values): Promise<QueryResult<Row>> =>
    database.getExecutor().executeQuery<Row>(build(database, values))
}

/** The same for a statement that is sent otherwise: its text and its values. */
export function textOnce<Values extends object, Row>(write: (values: Values) => RawBuilder<Row>) {
  let built: CompiledQuery<Row> | undefined
  return (database: QueryExecutorProvider, values: Values): CompiledQuery<Row> => {
    built ??= write(new Proxy({} as Values, { get: (_, name) => new StandIn(name) })).compile(database)
    const parameters = built.parameters.map((given) =>
      given instanceof StandIn ? values[given.name as keyof Values] : given,
    )
    return { ...built, parameters }
  }
}
