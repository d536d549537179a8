import * as z from 'zod';

const pattern = /^(?:(\d{1,4})d)?(?:(\d{1,5})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?$/;

/** Parses durations as Kubernetes users write them, `3d`, `1h30m`, `90s`, into milliseconds. */
export const Duration = z.string().transform((text, context): number => {
  const parts = text === '' ? null : pattern.exec(text);
  if (!parts) {
    context.addIssue({ code: 'custom', message: 'must be a duration such as "3d", "1h30m" or "90s"' });
    return z.NEVER;
  }
  const [days, hours, minutes, seconds] = parts.slice(1).map((part) => Number(part ?? 0));
  return ((((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1000;
});

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const;

/** Milliseconds as a duration is written, `1d12h`; parts of a second are dropped. */
export function formatDuration(milliseconds: number): string {
  const { text } = units.reduce(
    ({ rest, text }, [unit, size]) => {
      const count = Math.floor(rest / size);
      return { rest: rest - count * size, text: count === 0 ? text : `${text}${count}${unit}` };
    },
    { rest: milliseconds, text: '' },
  );
  return text === '' ? '0s' : text;
}
