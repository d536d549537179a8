import { compileCron } from './cron.ts';

/** The first time after the given one that a schedule fires; undefined where it never does again. */
export type NextTime = (after: number) => number | undefined;

const units: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * Reads `rate(…)`, `cron(…)` or `at(…)`.
 * @param start from when a rate counts
 * @throws Error where the expression or the time zone isn't understood here
 */
export function compileSchedule(expression: string, timezone: string, start: number): NextTime {
  const [, kind, body = ''] = /^(rate|cron|at)\((.+)\)$/u.exec(expression) ?? [];
  if (kind === 'rate') return compileRate(body, start);
  if (timezone !== 'UTC') throw new Error(`schedules run in UTC here, not in ${timezone}`);
  if (kind === 'cron') return compileCron(body);
  if (kind === 'at') return compileAt(body);
  throw new Error(`"${expression}" is no schedule`);
}

/** Keeps its beat: however late one is called, the next is at the next multiple, and those between are left out. */
function compileRate(body: string, start: number): NextTime {
  const [, count, unit = ''] = /^([1-9]\d*) (minute|hour|day)s?$/u.exec(body) ?? [];
  const interval = Number(count) * (units[unit] ?? Number.NaN);
  if (Number.isNaN(interval)) throw new Error(`"rate(${body})" is no rate`);
  return (after) => start + interval * (Math.floor((after - start) / interval) + 1);
}

function compileAt(body: string): NextTime {
  const time = Date.parse(`${body}Z`);
  if (Number.isNaN(time)) throw new Error(`"at(${body})" is no time`);
  return (after) => (time > after ? time : undefined);
}
