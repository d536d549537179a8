import type { StatusCause } from '../api-error.ts';
import { quantity } from '../controllers/quantity.ts';
import { invalidValue, unsupportedValue } from './problems.ts';

/** Where a value is given that is none of the supported ones, listed as the API server lists them. */
export const notOneOf = (field: string, value: unknown, supported: readonly string[]): StatusCause[] =>
  value === undefined || supported.some((one) => one === value) ? [] : [unsupportedValue(field, value, supported)];

export const negative = (field: string, value: unknown): StatusCause[] =>
  typeof value === 'number' && value < 0 ? [invalidValue(field, value, 'must be greater than or equal to 0')] : [];

/** What is wrong with a port that is given by its number. */
export function portNumberProblems(field: string, value: unknown): StatusCause[] {
  const isPort = typeof value === 'number' && value >= 1 && value <= 65_535;
  return isPort ? [] : [invalidValue(field, value, 'must be between 1 and 65535, inclusive')];
}

const portNameRules: ReadonlyArray<[RegExp, string]> = [
  [/^.{0,15}$/, 'must be no more than 15 characters'],
  [/^[-a-z0-9]*$/, 'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)'],
  [/[a-z]/, 'must contain at least one letter (a-z)'],
  [/^(?!.*--)/, 'must not contain consecutive hyphens'],
  [/^(?!-)(?!.*-$)/, 'must not begin or end with a hyphen'],
];

/** What is wrong with the name of a container's port. */
export const portNameProblems = (field: string, name: string): StatusCause[] =>
  portNameRules.flatMap(([rule, detail]) => (rule.test(name) ? [] : [invalidValue(field, name, detail)]));

/** What is wrong with a port that is given by number or by name. */
export const portProblems = (field: string, value: unknown): StatusCause[] =>
  typeof value === 'string' ? portNameProblems(field, value) : portNumberProblems(field, value);

export const protocols = ['SCTP', 'TCP', 'UDP'];

const percentDetail =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";

/** What is wrong with a count that may also be a share. */
export function shareProblems(field: string, value: unknown): StatusCause[] {
  if (typeof value !== 'string') return negative(field, value);
  return /^\d+%$/.test(value) ? [] : [invalidValue(field, value, percentDetail)];
}

const standardResources = /^(cpu|memory|ephemeral-storage|hugepages-.+)$/;

/** What is wrong with the names and amounts of resources. */
export const amountProblems = (field: string, amounts: Record<string, unknown>): StatusCause[] =>
  Object.entries(amounts).flatMap(([name, amount]) => {
    const at = `${field}[${name}]`;
    if (!name.includes('/') && !standardResources.test(name)) {
      return [invalidValue(at, name, 'must be a standard resource type or fully qualified')];
    }
    return quantity(amount) < 0 ? [invalidValue(at, String(amount), 'must be greater than or equal to 0')] : [];
  });
