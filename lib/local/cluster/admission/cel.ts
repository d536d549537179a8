import { type CelInput, type CelValue, celEnv, isCelError, parse, plan } from '@bufbuild/cel';

/** Variables of an expression, each made only if it is asked for. */
export type Bindings = Record<string, () => CelInput>;

export type Outcome = { value: CelValue } | { error: string };

export interface Expression {
  text: string;
  evaluate: (bindings: Bindings) => Outcome;
}

/** JSON as CEL sees it: objects are maps, whole numbers are int. */
export function toCel(value: unknown): CelInput {
  if (Array.isArray(value)) return value.map(toCel);
  if (typeof value === 'object' && value !== null) {
    return new Map(Object.entries(value).map(([key, inner]) => [key, toCel(inner)]));
  }
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  return typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint' ? value : null;
}

/** A binding is asked for only if an expression reads it: objects may be large. */
function contextOf(bindings: Bindings): Record<string, CelInput> {
  const context: Record<string, CelInput> = {};
  for (const [name, value] of Object.entries(bindings)) {
    Object.defineProperty(context, name, { enumerable: true, get: value });
  }
  return context;
}

const environment = celEnv();

/** Policies are few, and written again with every change: each text is compiled once. */
const compiled = new Map<string, Expression>();
const compiledLimit = 500;

/** @throws SyntaxError for what isn't CEL, or not the part of it that is known here (there are no optional types) */
export function compile(text: string): Expression {
  const known = compiled.get(text);
  if (known !== undefined) return known;
  if (compiled.size >= compiledLimit) compiled.clear();
  const expression = expressionOf(text);
  compiled.set(text, expression);
  return expression;
}

function expressionOf(text: string): Expression {
  const run = compilePlan(text);
  const evaluate = (bindings: Bindings): Outcome => {
    const result = run(contextOf(bindings));
    return isCelError(result) ? { error: result.message } : { value: result };
  };
  return { text, evaluate };
}

function compilePlan(text: string): ReturnType<typeof plan> {
  try {
    return plan(environment, parse(text));
  } catch (error) {
    throw new SyntaxError(error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'no CEL', { cause: error });
  }
}
