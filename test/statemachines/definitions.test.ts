import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import validate from 'asl-validator';
import { describe, expect, it } from 'vitest';
import { type Definition, definitions, tasksOf } from './definitions.ts';

const root = join(import.meta.dirname, '..', '..');
const sources = globSync('lambdas/**/*.ts', { cwd: root }).map((file) => readFileSync(join(root, file), 'utf8'));
const errorClasses = new Set(
  sources.flatMap((text) => [...text.matchAll(/override readonly name = '(\w+)'/g)].map((match) => match[1])),
);

/** Errors that Lambda's integration with Step Functions gives names to. */
const lambdaErrors = new Set([
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.TooManyRequestsException',
  // A function that was killed, ran out of memory or out of time; and a state that did.
  'Lambda.Unknown',
  'Sandbox.Timedout',
  'Runtime.ExitError',
  'States.Timeout',
]);

const kebab = (name: string): string => name.replace(/(?<!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase();

const errorsOf = (definition: Definition, handlers: 'Retry' | 'Catch'): string[] =>
  tasksOf(definition).flatMap(([, task]) => task[handlers].flatMap((handler) => handler.ErrorEquals));

it('has the three machines', () => {
  expect(definitions.map(({ kind }) => kind)).toEqual(['deploy', 'sweep', 'teardown']);
});

describe.each(definitions.map((definition) => [definition.kind, definition] as const))('%s', (_, definition) => {
  it('is accepted by the validator', () => {
    const { errors } = validate(JSON.parse(definition.text));
    expect(errors).toEqual([]);
  });

  it('is JSONata, fits on a few screens and ends by itself', () => {
    expect(definition.json.QueryLanguage).toBe('JSONata');
    expect(definition.text.trimEnd().split('\n').length).toBeLessThan(200);
    expect(definition.json.TimeoutSeconds).toBeGreaterThan(0);
  });

  it('says of each state what it is for', () => {
    const silent = [...definition.states].filter(([, { Comment }]) => !Comment);
    expect(silent).toEqual([]);
  });

  it('gives each task its time', () => {
    const endless = tasksOf(definition).filter(([, { TimeoutSeconds }]) => TimeoutSeconds === undefined);
    expect(endless).toEqual([]);
  });

  it('has a step behind each task', () => {
    const steps = globSync('lambdas/steps/*.ts', { cwd: root });
    for (const [name] of tasksOf(definition)) expect(steps).toContain(`lambdas/steps/${kebab(name)}.ts`);
  });

  it('retries on errors that exist, by name, and on nothing else', () => {
    const unknown = errorsOf(definition, 'Retry').filter((name) => !lambdaErrors.has(name) && !errorClasses.has(name));
    expect(unknown).toEqual([]);
  });

  it('retries everywhere when Lambda is busy', () => {
    for (const [, task] of tasksOf(definition)) {
      expect(task.Retry.flatMap((retrier) => retrier.ErrorEquals)).toContain('Lambda.TooManyRequestsException');
    }
  });

  it('tries again where the table does not answer, and never where a newer request came', () => {
    for (const [name, task] of tasksOf(definition)) {
      const retried = new Set(task.Retry.flatMap((retrier) => retrier.ErrorEquals));
      expect([name, retried.has('Superseded')]).toEqual([name, false]);
      // The diagnosis goes on without the table: its Catch records the error as it was.
      expect([name, retried.has('StoreUnavailable')]).toEqual([name, name !== 'Diagnose']);
    }
  });

  it('tries again where a function was killed in the middle', () => {
    for (const [name, task] of tasksOf(definition)) {
      // The diagnosis only reads, and its Catch goes on without it; the sweep comes again by itself.
      if (name === 'Diagnose' || definition.kind === 'sweep') continue;
      expect([name, task.Retry.flatMap((retrier) => retrier.ErrorEquals)]).toEqual([
        name,
        expect.arrayContaining(['Lambda.Unknown', 'Sandbox.Timedout', 'Runtime.ExitError']),
      ]);
    }
  });

  it('catches errors that exist, or all', () => {
    const unknown = errorsOf(definition, 'Catch').filter((name) => name !== 'States.ALL' && !errorClasses.has(name));
    expect(unknown).toEqual([]);
  });

  it('keeps each substitution inside quotes', () => {
    const placed = definition.text.match(/\$\{\w+\}/g) ?? [];
    const quoted = definition.text.match(/"\$\{\w+\}"/g) ?? [];
    expect(quoted.length).toBe(placed.length);
    expect(placed.length).toBeGreaterThan(0);
  });
});
