import jsonata from 'jsonata';
import { expressionPattern } from './definition.ts';
import { awsFunctions, type FunctionSources } from './functions.ts';
import { isJsonObject, type Json, type JsonObject, parseJson, toJson } from './json.ts';
import { StateError } from './state-error.ts';

/** What an expression can see: `$states`, variables by name, time and randomness. */
export interface Scope extends FunctionSources {
  states: JsonObject;
  variables: JsonObject;
}

/** Runaway recursion ends here instead of in a stack overflow. */
const options = { stack: 1_000, timeout: 10_000 };

const compiled = new Map<string, jsonata.Expression>();

export const isExpression = (value: Json): value is string =>
  typeof value === 'string' && expressionPattern.test(value);

/** @throws Error with jsonata's message where the text is no expression, or one that Step Functions refuses */
export function compile(expression: string): jsonata.Expression {
  const known = compiled.get(expression);
  if (known) return known;
  const parsed = parse(expression.slice(2, -2));
  if (usesEval(toJson(parsed.ast()))) throw new Error('$eval is not there in Step Functions');
  compiled.set(expression, parsed);
  return parsed;
}

/**
 * Evaluates every expression in a JSON value, at any depth.
 * @param field where the value stands in its state, for the message: `Arguments/Payload`, `Choices[1]/Condition`
 * @throws StateError States.QueryEvaluationError
 */
export async function evaluateTemplate(template: Json, field: string, scope: Scope): Promise<Json> {
  if (isExpression(template)) return evaluate(template, field, scope);
  if (Array.isArray(template)) {
    return Promise.all(template.map((item, index) => evaluateTemplate(item, `${field}[${index}]`, scope)));
  }
  if (!isJsonObject(template)) return template;
  const entries = Object.entries(template).map(
    async ([key, value]): Promise<[string, Json]> => [key, await evaluateTemplate(value, `${field}/${key}`, scope)],
  );
  return Object.fromEntries(await Promise.all(entries));
}

async function evaluate(expression: string, field: string, scope: Scope): Promise<Json> {
  const shown = `The JSONata expression '${expression.slice(2, -2).trim()}' specified for the field '${field}'`;
  const bindings = { ...scope.variables, ...awsFunctions(scope), states: scope.states };
  let value: unknown;
  try {
    value = await compile(expression).evaluate(undefined, bindings);
  } catch (error) {
    throw queryError(`${shown} threw an error during evaluation. ${describeError(error)}`, field);
  }
  if (value === undefined) throw queryError(`${shown} returned nothing (undefined).`, field);
  return parseJson(
    JSON.stringify(value, (_, part: unknown) => {
      if (isFunction(part)) throw queryError(`${shown} returned an unsupported result type.`, field);
      return part;
    }),
  );
}

/** jsonata's own functions are objects. */
const isFunction = (value: unknown): boolean =>
  typeof value === 'function' || (isJsonObject(value) && ('_jsonata_lambda' in value || '_jsonata_function' in value));

const queryError = (cause: string, field: string): StateError =>
  new StateError('States.QueryEvaluationError', cause, field);

function parse(text: string): jsonata.Expression {
  try {
    return jsonata(text, options);
  } catch (error) {
    throw new Error(describeError(error), { cause: error });
  }
}

/** jsonata throws plain objects. */
function describeError(error: unknown): string {
  if (!(typeof error === 'object' && error !== null && 'message' in error)) return String(error);
  return 'code' in error ? `${String(error.code)}: ${String(error.message)}` : String(error.message);
}

function usesEval(node: Json): boolean {
  if (Array.isArray(node)) return node.some(usesEval);
  if (!isJsonObject(node)) return false;
  return (node['type'] === 'variable' && node['value'] === 'eval') || Object.values(node).some(usesEval);
}
