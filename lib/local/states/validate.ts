import type { Branch, Definition, State, Task } from './definition.ts';
import { compile, isExpression } from './expression.ts';
import { isJsonObject, type Json, toJson } from './json.ts';

/** Says what is wrong with a task's resource or its arguments; undefined where it can be run. */
export type ResourceCheck = (task: Task) => string | undefined;

/** What a schema can't say: targets, reachability, names, scopes, expressions, resources. */
export function findProblems(definition: Definition, checkResource: ResourceCheck): string[] {
  const names = new Set<string>();
  return checkScope(definition, new Set(), (name, state) => {
    const problems = names.has(name) ? [`States.${name}: the name is used twice in the machine`] : [];
    names.add(name);
    return [...problems, ...checkState(name, state, checkResource)];
  });
}

type StateCheck = (name: string, state: State) => string[];

function checkScope(
  scope: Pick<Branch, 'StartAt' | 'States'>,
  outer: ReadonlySet<string>,
  check: StateCheck,
): string[] {
  const assigned = Object.entries(scope.States).flatMap(([name, state]) =>
    assignments(state).map((variable) => ({ name, variable })),
  );
  const known = new Set([...outer, ...assigned.map(({ variable }) => variable)]);
  const problems = assigned.flatMap(({ name, variable }) => checkVariable(name, variable, outer));
  for (const [name, state] of Object.entries(scope.States)) {
    problems.push(...check(name, state));
    for (const inner of branches(state)) problems.push(...checkScope(inner, known, check));
  }
  return [...problems, ...checkTargets(scope)];
}

function checkVariable(state: string, variable: string, outer: ReadonlySet<string>): string[] {
  if (variable === 'states') return [`States.${state}: "states" is reserved, no variable can have that name`];
  if (outer.has(variable)) return [`States.${state}: the variable "${variable}" belongs to the outer scope`];
  return [];
}

function checkTargets({ StartAt, States }: Pick<Branch, 'StartAt' | 'States'>): string[] {
  const problems = StartAt in States ? [] : [`StartAt: there is no state "${StartAt}"`];
  const reached = new Set<string>();
  const open = [StartAt];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const state = States[name];
    if (!state || reached.has(name)) continue;
    reached.add(name);
    for (const target of targets(state)) {
      if (!(target in States)) problems.push(`States.${name}: there is no state "${target}" to go to`);
      open.push(target);
    }
  }
  const lost = Object.keys(States).filter((name) => !reached.has(name));
  return [...problems, ...lost.map((name) => `States.${name}: no way leads to it`)];
}

function checkState(name: string, state: State, checkResource: ResourceCheck): string[] {
  const problems = [...checkFlow(state), ...checkHandlers(state), ...expressionProblems(withoutBranches(state))];
  const resource = state.Type === 'Task' ? checkResource(state) : undefined;
  if (resource) problems.push(resource);
  if (state.Type === 'Wait' && 'Seconds' in state === 'Timestamp' in state) {
    problems.push('one of Seconds and Timestamp is needed');
  }
  return problems.map((problem) => `States.${name}: ${problem}`);
}

function checkFlow(state: State): string[] {
  if (!('Next' in state || 'End' in state) && ['Choice', 'Succeed', 'Fail'].includes(state.Type)) return [];
  const ends = ('End' in state && state.End) ?? false;
  return ends === 'Next' in state ? ['either Next or End: true is needed'] : [];
}

/** States.ALL stands alone, and last. */
function checkHandlers(state: State): string[] {
  const lists = [('Retry' in state && state.Retry) || [], ('Catch' in state && state.Catch) || []];
  return lists.flatMap((handlers) =>
    handlers.flatMap(({ ErrorEquals }, index) => {
      if (!ErrorEquals.includes('States.ALL')) return [];
      if (ErrorEquals.length > 1) return ['States.ALL has to be alone in ErrorEquals'];
      return index === handlers.length - 1 ? [] : ['what takes States.ALL has to be the last of its list'];
    }),
  );
}

function expressionProblems(value: Json): string[] {
  if (isExpression(value)) return compileProblem(value);
  if (Array.isArray(value)) return value.flatMap(expressionProblems);
  return isJsonObject(value) ? Object.values(value).flatMap(expressionProblems) : [];
}

function compileProblem(expression: string): string[] {
  try {
    compile(expression);
    return [];
  } catch (error) {
    return [`${expression}: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** Inner states are checked on their own; a comment may look like anything. */
function withoutBranches(state: State): Json {
  const elsewhere = new Set(['Branches', 'ItemProcessor', 'Comment']);
  return toJson(Object.fromEntries(Object.entries(state).filter(([field]) => !elsewhere.has(field))));
}

function branches(state: State): readonly Branch[] {
  if (state.Type === 'Map') return [state.ItemProcessor];
  return state.Type === 'Parallel' ? state.Branches : [];
}

function targets(state: State): string[] {
  const next = 'Next' in state && state.Next !== undefined ? [state.Next] : [];
  const caught = 'Catch' in state && state.Catch ? state.Catch.map((catcher) => catcher.Next) : [];
  if (state.Type !== 'Choice') return [...next, ...caught];
  return [...state.Choices.map((rule) => rule.Next), ...(state.Default === undefined ? [] : [state.Default])];
}

function assignments(state: State): string[] {
  const rules = state.Type === 'Choice' ? state.Choices : [];
  const catchers = ('Catch' in state && state.Catch) || [];
  return [state, ...rules, ...catchers].flatMap((holder) =>
    'Assign' in holder && holder.Assign ? Object.keys(holder.Assign) : [],
  );
}
