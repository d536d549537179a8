import type { IntOrPercent } from './view.ts';

/** The number behind `3` or `"25%"` of a total; a share is rounded up or down as the field's rule says. */
export function scaledValue(value: IntOrPercent, total: number, rounding: 'up' | 'down'): number {
  if (typeof value === 'number') return value;
  const share = (Number.parseFloat(value) * total) / 100;
  return rounding === 'up' ? Math.ceil(share) : Math.floor(share);
}
