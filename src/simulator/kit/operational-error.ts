/** An expected failure. The terminal shows its message only, without a stack trace. */
export class OperationalError extends Error {}
