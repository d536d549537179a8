import { isJsonObject, type Json, type JsonObject } from '../states/json.ts';
import { compileMatcher, type Matcher } from './matcher.ts';

/** Whether an event is one that a rule wants. */
export type Matches = (event: Json) => boolean;

/**
 * Reads an event pattern: docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 * @throws Error that names an operator that isn't known here
 */
export function compilePattern(pattern: Json): Matches {
  if (!isJsonObject(pattern)) throw new Error('an event pattern is an object');
  const { $or: alternatives, ...fields } = pattern;
  const tests = Object.entries(fields).map(([field, wanted]) => compileField(field, wanted));
  if (alternatives !== undefined) tests.push(compileOr(alternatives));
  return (event) => tests.every((test) => test(event));
}

function compileOr(alternatives: Json): Matches {
  if (!Array.isArray(alternatives) || alternatives.length < 2) throw new Error('$or takes a list of patterns');
  const patterns = alternatives.map(compilePattern);
  return (event) => patterns.some((matches) => matches(event));
}

function compileField(field: string, wanted: Json): Matches {
  if (Array.isArray(wanted)) {
    const matchers = wanted.map(compileMatcher);
    return (event) => matchesLeaf(matchers, fieldOf(event, field));
  }
  if (!isJsonObject(wanted)) throw new Error(`the pattern of "${field}" is neither a list nor an object`);
  const inner = compilePattern(wanted);
  return (event) => {
    const value = fieldOf(event, field);
    // a list of objects matches by any of them; a missing one may still satisfy "exists": false
    return Array.isArray(value) ? value.some(inner) : inner(value ?? {});
  };
}

/** A list in the event matches by any of its items; an empty one is as good as missing, and an object is no leaf. */
function matchesLeaf(matchers: readonly Matcher[], value: Json | undefined): boolean {
  const values = (Array.isArray(value) ? value : [value]).filter((item) => !isJsonObject(item));
  const candidates = values.length === 0 ? [undefined] : values;
  return candidates.some((candidate) => matchers.some((matches) => matches(candidate)));
}

const fieldOf = (event: Json, field: string): Json | undefined => {
  const holder: JsonObject = isJsonObject(event) ? event : {};
  return Object.hasOwn(holder, field) ? holder[field] : undefined;
};
