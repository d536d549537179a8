import type { Blueprint, Target } from './blueprint.ts';
import type { Json, Values } from './staging.ts';

/** A value on its way to the places where it goes; `from` names it in messages. */
export interface Assignment {
  from: string;
  value: Json;
  targets: readonly Target[];
}

/** What the inputs come to when a request sends nothing: those without a default stay away. */
export const defaultAssignments = (blueprint: Blueprint): Assignment[] =>
  Object.entries(blueprint.inputs).flatMap(([name, { default: value, to }]) =>
    value === undefined ? [] : [{ from: `input "${name}"`, value, targets: to }],
  );

/** What a request sets, `null` included. Keys that are no input are left out. */
export const requestedAssignments = (blueprint: Blueprint, values: Values): Assignment[] =>
  Object.entries(blueprint.inputs).flatMap(([name, { to }]) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    return value === undefined ? [] : [{ from: `input "${name}"`, value, targets: to }];
  });

/** The staging's host name. */
export const hostAssignment = (blueprint: Blueprint, host: string): Assignment => ({
  from: 'the host',
  value: host,
  targets: blueprint.host,
});
