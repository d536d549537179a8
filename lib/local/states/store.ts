import { applyTransition, type End, type Execution, type Frame, type Started, type Transition } from './execution.ts';
import type { HistoryEvent } from './history.ts';
import type { Journal } from './journal.ts';

/** How many ended executions are remembered, and for how long; AWS keeps them for 90 days. */
export interface Retention {
  count: number;
  milliseconds: number;
}
const defaultRetention: Retention = { count: 1_000, milliseconds: 90 * 24 * 3_600_000 };

type Line =
  | { line: 'definition'; hash: string; text: string }
  | { line: 'started'; started: Started; transition: Transition }
  | { line: 'moved'; arn: string; transition: Transition }
  | { line: 'told'; arn: string }
  | { line: 'kept'; execution: Kept };

/** A whole execution as compaction writes it. */
interface Kept extends Started {
  events: readonly HistoryEvent[];
  frames: readonly Frame[];
  end?: End;
  told: boolean;
}

/** Rewriting starts when the log has grown by this much, and to four times what the last rewriting left. */
const compactAbove = 8 * 1024 * 1024;

export interface Store {
  readonly executions: ReadonlyMap<string, Execution>;
  definitionText(hash: string): string | undefined;
  load(): Promise<void>;
  /** Each of these makes the change at once and resolves when it is durable. */
  define(hash: string, text: string): Promise<void>;
  begin(started: Started, transition: Transition): { execution: Execution; durable: Promise<void> };
  move(execution: Execution, transition: Transition): Promise<void>;
  told(execution: Execution): Promise<void>;
  /** Resolves when all that was changed so far is durable: what is shown to callers is never taken back. */
  settled: () => Promise<void>;
  close(): Promise<void>;
}

/** Executions in memory, every change of them in the journal. */
export function createStore(
  journal: Journal,
  now: () => number,
  retention: Retention = defaultRetention,
  log: (message: string, error: unknown) => void = () => {},
): Store {
  const executions = new Map<string, Execution>();
  const definitions = new Map<string, string>();
  let grown = 0;
  let kept = 0;
  let settled: Promise<void> = Promise.resolve();

  const compact = (): Promise<void> => {
    forget(executions, now() - retention.milliseconds, retention.count);
    const lines = snapshot(executions, definitions).map((line) => JSON.stringify(line));
    kept = lines.reduce((sum, line) => sum + line.length, 0);
    grown = 0;
    return journal.replace(lines);
  };
  const append = (line: Line): Promise<void> => {
    const text = JSON.stringify(line);
    grown += text.length;
    const appended = journal.append(text);
    settled = appended;
    if (grown > compactAbove && grown > 3 * kept) {
      settled = compact().catch((error: unknown) => {
        // The line is durable either way: a disk with no room for a second journal has room for lines.
        log('the journal of executions was not written anew', error);
        return appended;
      });
    }
    // a failed write is told to whoever waits for the line; nobody may be waiting
    settled.catch(() => {});
    return settled;
  };

  return {
    executions,
    definitionText: (hash) => definitions.get(hash),
    async load() {
      for (const [index, text] of (await journal.load()).entries())
        replay(readLine(text, index), executions, definitions);
      const used = new Set([...executions.values()].map((execution) => execution.definition));
      for (const hash of definitions.keys()) if (!used.has(hash)) definitions.delete(hash);
      await compact();
    },
    async define(hash, text) {
      if (definitions.has(hash)) return;
      definitions.set(hash, text);
      await append({ line: 'definition', hash, text });
    },
    begin(started, transition) {
      const execution = newExecution(started, transition);
      executions.set(started.arn, execution);
      return { execution, durable: append({ line: 'started', started, transition }) };
    },
    move(execution, transition) {
      applyTransition(execution, transition);
      return append({ line: 'moved', arn: execution.arn, transition });
    },
    told(execution) {
      execution.told = true;
      if (executions.size > retention.count * 1.1) forget(executions, now() - retention.milliseconds, retention.count);
      return append({ line: 'told', arn: execution.arn });
    },
    settled: () => settled.catch(() => {}),
    close: () => journal.close(),
  };
}

function readLine(text: string, index: number): Line {
  try {
    const line: Line = JSON.parse(text);
    return line;
  } catch (error) {
    throw new Error(`line ${index + 1} is damaged`, { cause: error });
  }
}

function replay(line: Line, executions: Map<string, Execution>, definitions: Map<string, string>): void {
  switch (line.line) {
    case 'definition':
      definitions.set(line.hash, line.text);
      return;
    case 'started':
      executions.set(line.started.arn, newExecution(line.started, line.transition));
      return;
    case 'kept':
      executions.set(line.execution.arn, fromKept(line.execution));
      return;
    case 'moved':
    case 'told': {
      const execution = executions.get(line.arn);
      if (!execution) return;
      if (line.line === 'told') execution.told = true;
      else applyTransition(execution, line.transition);
    }
  }
}

function newExecution(started: Started, transition: Transition): Execution {
  const execution: Execution = { ...started, events: [], frames: new Map(), told: false };
  applyTransition(execution, transition);
  return execution;
}

const fromKept = ({ events, frames, ...rest }: Kept): Execution => ({
  ...rest,
  events: [...events],
  frames: new Map(frames.map((frame) => [frame.id, frame])),
});

function snapshot(executions: ReadonlyMap<string, Execution>, definitions: ReadonlyMap<string, string>): Line[] {
  const texts = [...definitions].map(([hash, text]): Line => ({ line: 'definition', hash, text }));
  const all = [...executions.values()].map(
    (execution): Line => ({ line: 'kept', execution: { ...execution, frames: [...execution.frames.values()] } }),
  );
  return [...texts, ...all];
}

/** Drops ended executions beyond the count, oldest first, and those that ended before the time. */
function forget(executions: Map<string, Execution>, before: number, count: number): void {
  const ended = [...executions.values()]
    .filter((execution) => execution.told && execution.end)
    .toReversed()
    .toSorted((a, b) => (b.end?.at ?? 0) - (a.end?.at ?? 0));
  for (const [index, execution] of ended.entries()) {
    if (index >= count || (execution.end?.at ?? 0) < before) executions.delete(execution.arn);
  }
}
