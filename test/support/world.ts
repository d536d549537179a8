import type { Log } from '../../lambdas/actions/log.ts';
import { Blueprint } from '../../lambdas/domain/blueprint.ts';
import type { Blueprints } from '../../lambdas/render/blueprints.ts';
import {
  type Gate,
  memoryEvents,
  memoryExecutions,
  memoryOperations,
  memoryStagings,
  memorySweeps,
  openGate,
} from './memory-stores.ts';

/** A blueprint with one input of each kind that tests need; `over` replaces parts of what blueprint.yaml would say. */
export const aBlueprint = (over: Record<string, unknown> = {}): Blueprint =>
  Blueprint.parse({
    name: 'hello',
    description: 'says hello',
    source: { manifests: './manifests' },
    inputs: {
      imageTag: { type: 'string', description: 'tag', default: 'v1', to: [{ imageTag: 'hello' }] },
      replicas: { type: 'integer', description: 'pods', minimum: 1, maximum: 5, to: [{ imageTag: 'hello' }] },
    },
    lifetime: { ttl: '3d', maxTtl: '14d', warnBefore: '4h' },
    ...over,
  });

export const theseBlueprints = (...blueprints: Blueprint[]): Blueprints => ({
  get: (name) => {
    const blueprint = blueprints.find((one) => one.name === name);
    return blueprint && { blueprint, directory: `/blueprints/${name}` };
  },
  all: () => blueprints,
});

export interface LogLine {
  level: 'info' | 'warn' | 'error';
  message: string;
  fields: Record<string, unknown>;
}

/** Everything that actions need, in memory, with a clock that stands still until it is moved. */
export function aWorld({
  gate = openGate,
  blueprints = [aBlueprint()],
}: {
  gate?: Gate;
  blueprints?: Blueprint[];
} = {}) {
  const logged: LogLine[] = [];
  const logWith = (keys: Record<string, unknown>): Log => {
    const write = (level: LogLine['level']) => (message: string, fields: Record<string, unknown>) => {
      logged.push({ level, message, fields: { ...keys, ...fields } });
    };
    return { info: write('info'), warn: write('warn'), error: write('error') };
  };
  const clock = { at: Date.parse('2026-03-01T12:00:00.000Z') };
  return {
    clock,
    pass: (milliseconds: number) => {
      clock.at += milliseconds;
    },
    now: () => new Date(clock.at),
    /** waiting takes no time, and the clock knows that it did; a timer never rings early */
    sleep: (milliseconds: number) => {
      clock.at += Math.ceil(milliseconds);
      return Promise.resolve();
    },
    random: () => 0.5,
    logged,
    logWith,
    log: logWith({}),
    stagings: memoryStagings(gate),
    operations: memoryOperations(gate),
    sweeps: memorySweeps(gate),
    executions: memoryExecutions(gate),
    events: memoryEvents(gate),
    blueprints: theseBlueprints(...blueprints),
    publicBaseUrl: 'https://staging.example.com',
    defaultCluster: 'main',
    clusters: ['main'],
    brake: 25,
    openApi: (): unknown => ({}),
  };
}

export type World = ReturnType<typeof aWorld>;

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;
