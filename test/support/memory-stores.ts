import { choreAt, dueAt, expiryOf } from '../../lambdas/domain/due.ts';
import { Conflict, NotFound } from '../../lambdas/domain/errors.ts';
import type { StagingEvent } from '../../lambdas/domain/event.ts';
import type { Operation, OperationStep, Progress } from '../../lambdas/domain/operation.ts';
import { sameJson } from '../../lambdas/domain/same-json.ts';
import { Staging } from '../../lambdas/domain/staging.ts';
import type { BrakedSweep } from '../../lambdas/domain/sweep.ts';
import type { EventBus } from '../../lambdas/stores/events.ts';
import type { ExecutionState, Executions } from '../../lambdas/stores/executions.ts';
import type { OperationRecord, OperationStore } from '../../lambdas/stores/operations.ts';
import type { StagingStore } from '../../lambdas/stores/stagings.ts';
import type { SweepStore } from '../../lambdas/stores/sweeps.ts';

/** Called before each access, with what it is: where a test lets time pass, or ends the world. */
export type Gate = (access: string) => Promise<void>;

export const openGate: Gate = () => Promise.resolve();

/** Stagings in memory, with the table's conditions. */
export interface MemoryStagings extends StagingStore {
  all(): Staging[];
  /** every record that was ever written, in order */
  written: Staging[];
}

export function memoryStagings(gate: Gate = openGate): MemoryStagings {
  const items = new Map<string, Staging>();
  const written: Staging[] = [];
  const live = () => [...items.values()].filter((staging) => staging.status !== 'Deleted');
  return {
    written,
    all: () => structuredClone([...items.values()]),
    async get(name) {
      await gate('read staging');
      return structuredClone(items.get(name));
    },
    async save(staging) {
      await gate('write staging');
      const stored = items.get(staging.name);
      if (sameJson(stored, staging)) return;
      if ((stored?.revision ?? 0) !== staging.revision - 1) throw new Conflict('changed by somebody else');
      const parsed = Staging.parse(structuredClone(staging));
      items.set(staging.name, parsed);
      written.push(structuredClone(parsed));
    },
    async list({ status, blueprint, owner, limit }) {
      await gate('list stagings');
      const stagings = [...items.values()]
        .filter((staging) => (status === undefined ? staging.status !== 'Deleted' : staging.status === status))
        .filter((staging) => blueprint === undefined || staging.desired.blueprint === blueprint)
        .filter((staging) => owner === undefined || staging.owner === owner)
        .toSorted((a, b) => (`${a.createdAt}#${a.name}` < `${b.createdAt}#${b.name}` ? 1 : -1));
      return { stagings: structuredClone(stagings.slice(0, limit)) };
    },
    async countLive(blueprint, owner) {
      await gate('count stagings');
      return live().filter(
        (staging) => staging.desired.blueprint === blueprint && (owner === undefined || staging.owner === owner),
      ).length;
    },
    async listDue(before, limit) {
      await gate('list due');
      return live()
        .filter((staging) => (dueAt(staging) ?? '9') <= before.toISOString())
        .toSorted((a, b) => ((dueAt(a) ?? '') < (dueAt(b) ?? '') ? -1 : 1))
        .slice(0, limit)
        .map((staging) => ({ name: staging.name, expiresAt: expiryOf(staging), choreAt: choreAt(staging) }));
    },
  };
}

export interface MemoryOperations extends OperationStore {
  all(): Operation[];
}

export function memoryOperations(gate: Gate = openGate): MemoryOperations {
  const items = new Map<string, { operation: Operation; steps: Map<string, OperationStep>; progress?: Progress }>();
  const at = (staging: string, generation: number) => `${staging} ${generation}`;
  const show = (item: { operation: Operation; steps: Map<string, OperationStep>; progress?: Progress }) =>
    structuredClone({
      operation: item.operation,
      steps: [...item.steps.values()],
      ...(item.progress ? { progress: item.progress } : {}),
    }) satisfies OperationRecord;
  return {
    all: () => [...items.values()].map((item) => structuredClone(item.operation)),
    async get({ staging, generation }) {
      await gate('read operation');
      const item = items.get(at(staging, generation));
      return item && show(item);
    },
    async list(staging, limit) {
      await gate('list operations');
      const mine = [...items.values()].filter((item) => item.operation.staging === staging);
      const sorted = mine.toSorted((a, b) => b.operation.generation - a.operation.generation);
      return { operations: sorted.slice(0, limit).map(show) };
    },
    async put(operation) {
      await gate('write operation');
      const key = at(operation.staging, operation.generation);
      const item = items.get(key);
      if (item?.operation.endedAt !== undefined) return;
      items.set(key, { steps: new Map(), ...item, operation: structuredClone(operation) });
    },
    async startStep({ staging, generation }, step, startedAt) {
      const steps = items.get(at(staging, generation))?.steps;
      steps?.set(step, { name: step, startedAt: steps.get(step)?.startedAt ?? startedAt });
    },
    async endStep({ staging, generation }, step, endedAt, error) {
      const steps = items.get(at(staging, generation))?.steps;
      const before = steps?.get(step);
      if (before) steps?.set(step, { ...before, endedAt, ...(error === undefined ? {} : { error }) });
    },
    async tellProgress({ staging, generation }, progress) {
      const item = items.get(at(staging, generation));
      if (item) item.progress = progress;
    },
  };
}

export function memorySweeps(gate: Gate = openGate): SweepStore & { all(): BrakedSweep[] } {
  const sweeps = new Map<string, BrakedSweep>();
  let latest: string | undefined;
  return {
    all: () => [...sweeps.values()],
    async latest() {
      await gate('read sweep');
      return latest === undefined ? undefined : sweeps.get(latest);
    },
    async get(id) {
      await gate('read sweep');
      return sweeps.get(id);
    },
    async brake(sweep, before) {
      await gate('write sweep');
      sweeps.set(sweep.id, sweep);
      if (latest === before?.id) latest = sweep.id;
    },
    async approve(id, approvedBy, approvedAt) {
      await gate('write sweep');
      const sweep = sweeps.get(id);
      if (!sweep) throw new NotFound('sweep', id);
      const approved = {
        ...sweep,
        approvedAt: sweep.approvedAt ?? approvedAt,
        approvedBy: sweep.approvedBy ?? approvedBy,
      };
      sweeps.set(id, approved);
      return approved;
    },
    async release(id, releasedAt) {
      await gate('write sweep');
      const sweep = sweeps.get(id);
      if (sweep) sweeps.set(id, { releasedAt, ...sweep });
    },
  };
}

/** Executions that were started, by name; a test says what becomes of them. */
export interface MemoryExecutions extends Executions {
  started: Map<string, { operation: Operation; state: ExecutionState }>;
  approvedSweeps: string[];
}

export function memoryExecutions(gate: Gate = openGate): MemoryExecutions {
  const started: MemoryExecutions['started'] = new Map();
  const approvedSweeps: string[] = [];
  return {
    started,
    approvedSweeps,
    async start(operation) {
      await gate('start execution');
      const known = started.get(operation.id);
      if (known) return known.state.status === 'RUNNING' ? 'started' : 'over';
      started.set(operation.id, { operation, state: { status: 'RUNNING' } });
      return 'started';
    },
    prepare(operation) {
      return () => this.start(operation);
    },
    async ask({ id }) {
      await gate('ask execution');
      return started.get(id)?.state ?? { status: 'MISSING' };
    },
    async startApprovedSweep(id) {
      await gate('start execution');
      approvedSweeps.push(id);
    },
  };
}

export function memoryEvents(gate: Gate = openGate): EventBus & { events: StagingEvent[] } {
  const events: StagingEvent[] = [];
  return {
    events,
    async put(event) {
      await gate('put event');
      events.push(structuredClone(event));
    },
  };
}
