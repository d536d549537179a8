import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import validate from 'asl-validator';
import { describe, expect, it } from 'vitest';
import { type Definition, definitions, type Retrier, tasksOf } from './definitions.ts';

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
  // A function in a VPC that nobody called for weeks: its network interfaces are made anew.
  'Lambda.ResourceNotReadyException',
  'Lambda.ResourceConflictException',
  'Lambda.ENINotReadyException',
  // A function that was killed, ran out of memory or out of time; and a state that did.
  'Lambda.Unknown',
  'Sandbox.Timedout',
  'Runtime.ExitError',
  'Runtime.OutOfMemory',
  'States.Timeout',
]);

/** Seconds until a retrier gives up, where each try ends at once. */
const patience = ({ IntervalSeconds, MaxAttempts, BackoffRate, MaxDelaySeconds }: Retrier): number =>
  Array.from({ length: MaxAttempts }, (_, turn) =>
    Math.min(IntervalSeconds * BackoffRate ** turn, MaxDelaySeconds),
  ).reduce((sum, wait) => sum + wait, 0);

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
      // Only helm and kubectl, and what the cluster answers, are large.
      const memory = task.Arguments.FunctionName.includes('Cluster') ? ['Runtime.OutOfMemory'] : [];
      expect([name, task.Retry.flatMap((retrier) => retrier.ErrorEquals)]).toEqual([
        name,
        expect.arrayContaining(['Lambda.Unknown', 'Sandbox.Timedout', 'Runtime.ExitError', ...memory]),
      ]);
    }
  });

  it('waits some minutes for a function in a VPC that was idle for so long that its network is gone', () => {
    const inCluster = tasksOf(definition).filter(([, { Arguments }]) => Arguments.FunctionName.includes('Cluster'));
    for (const [name, { Retry }] of inCluster) {
      // The diagnosis comes after a step that did run.
      if (name === 'Diagnose') continue;
      for (const error of ['ResourceNotReady', 'ResourceConflict', 'ENINotReady']) {
        const waits = Retry.filter(({ ErrorEquals }) => ErrorEquals.includes(`Lambda.${error}Exception`)).map(patience);
        expect([name, error, Math.max(0, ...waits)]).toEqual([name, error, expect.toSatisfy((time) => time >= 180)]);
      }
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
