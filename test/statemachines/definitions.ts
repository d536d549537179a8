import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const directory = join(import.meta.dirname, '..', '..', 'statemachines');

const Handler = z.looseObject({ ErrorEquals: z.array(z.string()) });
const Retrier = Handler.extend({
  IntervalSeconds: z.number().default(1),
  MaxAttempts: z.number().default(3),
  BackoffRate: z.number().default(2),
  MaxDelaySeconds: z.number().default(Number.POSITIVE_INFINITY),
});
export type Retrier = z.infer<typeof Retrier>;
const Task = z.looseObject({
  Type: z.literal('Task'),
  Resource: z.string(),
  TimeoutSeconds: z.number().optional(),
  Arguments: z.looseObject({ FunctionName: z.string() }),
  Retry: z.array(Retrier).default([]),
  Catch: z.array(Handler).default([]),
});
export type Task = z.infer<typeof Task>;
const Other = z.looseObject({ Type: z.enum(['Choice', 'Fail', 'Map', 'Pass', 'Succeed', 'Wait']) });
const State = z.intersection(z.union([Task, Other]), z.looseObject({ Comment: z.string().optional() }));
export type State = z.infer<typeof State>;

const Scope: z.ZodType<{ States: Record<string, State> }> = z.looseObject({ States: z.record(z.string(), State) });

export interface Definition {
  kind: string;
  text: string;
  json: { QueryLanguage: string; TimeoutSeconds?: number | undefined };
  /** all states, those inside a Map too, by name */
  states: ReadonlyMap<string, State>;
}

function statesOf(scope: unknown): [string, State][] {
  return Object.entries(Scope.parse(scope).States).flatMap(([name, state]) => [
    [name, state],
    ...('ItemProcessor' in state ? statesOf(state['ItemProcessor']) : []),
  ]);
}

/** Every definition in the repository. */
export const definitions: readonly Definition[] = readdirSync(directory).map((file) => {
  const text = readFileSync(join(directory, file), 'utf8');
  const json: unknown = JSON.parse(text);
  return {
    kind: file.replace('.asl.json', ''),
    text,
    json: z.looseObject({ QueryLanguage: z.string(), TimeoutSeconds: z.number().optional() }).parse(json),
    states: new Map(statesOf(json)),
  };
});

const isTask = (entry: [string, State]): entry is [string, Task & State] => entry[1].Type === 'Task';

export const tasksOf = (definition: Definition): [string, Task & State][] => [...definition.states].filter(isTask);
