import { createHash } from 'node:crypto';
import * as z from 'zod';
import { type Branch, Definition, type State } from './definition.ts';
import { isJsonObject, type Json, parseJson, toJson } from './json.ts';
import { findProblems, type ResourceCheck } from './validate.ts';

/** A registered definition, checked; states by name, which is unique in the whole machine. */
export interface Machine {
  readonly hash: string;
  /** as it was given */
  readonly text: string;
  readonly definition: Definition;
  readonly states: ReadonlyMap<string, State>;
}

/** A definition that isn't run here: says every problem that was found, with its place. */
class InvalidDefinition extends Error {
  override readonly name = 'InvalidDefinition';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`the definition is not valid:\n${problems.map((problem) => `- ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/** @throws InvalidDefinition */
export function readMachine(given: unknown, checkResource: ResourceCheck): Machine {
  const text = typeof given === 'string' ? given : JSON.stringify(given);
  const json = readText(text);
  const language = isJsonObject(json) ? json['QueryLanguage'] : undefined;
  if (language !== 'JSONata') {
    throw new InvalidDefinition(['QueryLanguage has to be "JSONata" at the top: JSONPath machines are not run here']);
  }
  const parsed = Definition.safeParse(json);
  if (!parsed.success) throw new InvalidDefinition(parsed.error.issues.flatMap((issue) => describeIssue(issue)));
  const problems = findProblems(parsed.data, checkResource);
  if (problems.length > 0) throw new InvalidDefinition(problems);
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 32);
  return { hash, text, definition: parsed.data, states: statesByName(parsed.data) };
}

function readText(text: string): Json {
  try {
    return toJson(parseJson(text));
  } catch (error) {
    throw new InvalidDefinition([`it is not JSON: ${error instanceof Error ? error.message : String(error)}`]);
  }
}

function describeIssue(issue: z.core.$ZodIssue): string[] {
  const path = issue.path.map(String).join('.') || 'the machine';
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${path}: the field "${key}" is not there in JSONata mode, or not supported here`);
  }
  return [`${path}: ${issue.message}`];
}

function statesByName(branch: Pick<Branch, 'States'>, found = new Map<string, State>()): Map<string, State> {
  for (const [name, state] of Object.entries(branch.States)) {
    found.set(name, state);
    if (state.Type === 'Map') statesByName(state.ItemProcessor, found);
    if (state.Type === 'Parallel') for (const inner of state.Branches) statesByName(inner, found);
  }
  return found;
}
