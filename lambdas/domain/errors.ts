/** A failure that Berth expects and names. `name` is literal, since state machines match it and HTTP maps it. */
export abstract class DomainError extends Error {
  abstract override readonly name: string;
}

/** What a reason holds of a message. */
export const longestMessage = 1024;

/**
 * A failure that ends an operation, and whose message becomes its reason. It is cut here: Step Functions cuts the whole cause
 * at 32,768 characters, with the stack, which repeats the message; and then it is no JSON any more.
 */
export abstract class EndingError extends DomainError {
  constructor(message: string, options?: ErrorOptions) {
    super(message.length > longestMessage ? `${message.slice(0, longestMessage - 1)}…` : message, options);
  }
}

/** The execution's generation is no longer the newest: a success for the execution, which stops and hands over. */
export class Superseded extends DomainError {
  override readonly name = 'Superseded';
  readonly generation: number;
  readonly newest: number;
  constructor(generation: number, newest: number) {
    super(`generation ${generation} was superseded by generation ${newest}`);
    this.generation = generation;
    this.newest = newest;
  }
}

/** The status does not allow what was asked. */
export class IllegalTransition extends DomainError {
  override readonly name = 'IllegalTransition';
  readonly status: string;
  readonly requested: string;
  constructor(staging: string, status: string, requested: string) {
    super(`staging "${staging}" is ${status}, and ${requested} is not possible from there`);
    this.status = status;
    this.requested = requested;
  }
}

/** The caller's sequence is lower than the last one accepted. */
export class StaleSequence extends DomainError {
  override readonly name = 'StaleSequence';
  readonly sequence: number;
  readonly accepted: number;
  constructor(sequence: number, accepted: number) {
    super(`sequence ${sequence} is older than ${accepted}, the last one accepted`);
    this.sequence = sequence;
    this.accepted = accepted;
  }
}

/** What was named does not exist. `kind` is what it would be: "staging", "operation", "blueprint". */
export class NotFound extends DomainError {
  override readonly name = 'NotFound';
  readonly kind: string;
  constructor(kind: string, id: string) {
    super(`there is no ${kind} "${id}"`);
    this.kind = kind;
  }
}

/** A field of a request and what is wrong with it; `field` is a JSON path such as `values.imageTag`. */
export interface FieldProblem {
  field: string;
  detail: string;
}

/** Well-formed, but the blueprint does not allow it: every wrong field at once. */
export class InputRefused extends DomainError {
  override readonly name = 'InputRefused';
  readonly problems: readonly FieldProblem[];
  constructor(problems: readonly FieldProblem[]) {
    super(problems.map((problem) => `${problem.field}: ${problem.detail}`).join('; '));
    this.problems = problems;
  }
}

/** The blueprint's cap on stagings is reached. */
export class CapReached extends DomainError {
  override readonly name = 'CapReached';
}

/** Somebody else changed the staging between our read and our write, more often than we try again. */
export class Conflict extends DomainError {
  override readonly name = 'Conflict';
}

/** A service of AWS did not answer, or was too busy: again, a little later, may go well. */
export class StoreUnavailable extends DomainError {
  override readonly name = 'StoreUnavailable';
}

/** A service of AWS refused what we asked: trying again won't help, somebody has to look. */
export class StoreRefused extends DomainError {
  override readonly name = 'StoreRefused';
}

/** A page's cursor that this service never gave out, or gave out for another list. */
export class InvalidCursor extends DomainError {
  override readonly name = 'InvalidCursor';
}
