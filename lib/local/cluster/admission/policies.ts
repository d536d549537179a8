import type { CelInput } from '@bufbuild/cel';
import * as z from 'zod';
import { ApiError, invalid, qualifiedResource } from '../api-error.ts';
import { selects } from '../controllers/selector.ts';
import type { ObjectTable } from '../object-table.ts';
import { apiVersionOf, type ServedResources } from '../resources.ts';
import type { ResourceType } from '../storage.ts';
import type { Admission, AdmissionRequest } from '../write-context.ts';
import { type Bindings, type Outcome, toCel } from './cel.ts';
import { boundPolicy, type Policy, policyFrom, type Validation } from './policy.ts';
import { concerns, requestValue } from './rules.ts';

const group = 'admissionregistration.k8s.io';

const codes = { Unauthorized: 401, Forbidden: 403, Invalid: 422, RequestEntityTooLarge: 413 };

function bindingsFor(policy: Policy, base: Bindings): Bindings {
  const variables = new Map<string, CelInput>();
  const bindings = { ...base, variables: () => variables };
  // A variable that fails is left out, and so fails those who use it.
  for (const { name, expression } of policy.variables) {
    const outcome = expression.evaluate(bindings);
    if ('value' in outcome) variables.set(name, outcome.value);
  }
  return bindings;
}

function messageOf({ expression, message, messageExpression }: Validation, bindings: Bindings): string {
  const outcome = messageExpression?.evaluate(bindings);
  const said = outcome !== undefined && 'value' in outcome ? outcome.value : undefined;
  if (typeof said === 'string' && said !== '') return said;
  return message ?? `failed expression: ${expression.text}`;
}

/** A value converted when it is first asked for. */
function once(value: () => unknown): () => CelInput {
  let converted: CelInput | undefined;
  return () => (converted ??= toCel(value()));
}

interface Denial {
  reason: keyof typeof codes;
  message: string;
}

const isFulfilled = (outcome: Outcome): boolean => 'value' in outcome && outcome.value === true;

/** Why a policy denies a write; undefined where it doesn't. */
function judge(policy: Policy, base: Bindings): Denial | undefined {
  const failed = (error: string): Denial | undefined =>
    policy.failurePolicy === 'Fail' ? { reason: 'Invalid', message: error } : undefined;
  for (const condition of policy.conditions) {
    const outcome = condition.evaluate(base);
    if ('error' in outcome) return failed(`matchCondition '${condition.text}' resulted in error: ${outcome.error}`);
    if (!isFulfilled(outcome)) return undefined;
  }
  const bindings = bindingsFor(policy, base);
  for (const validation of policy.validations) {
    const outcome = validation.expression.evaluate(bindings);
    if ('error' in outcome)
      return failed(`expression '${validation.expression.text}' resulted in error: ${outcome.error}`);
    if (!isFulfilled(outcome)) return { reason: validation.reason, message: messageOf(validation, bindings) };
  }
  return undefined;
}

/** Worded as the real plugin does: "is forbidden", whatever the reason. */
function denied(resource: ResourceType, name: string, by: string, { reason, message }: Denial): ApiError {
  const sentence = `${qualifiedResource(resource)} "${name}" is forbidden: ${by} denied request: ${message}`;
  return new ApiError(codes[reason], reason, sentence, {
    name,
    ...(resource.group === '' ? {} : { group: resource.group }),
    kind: resource.plural,
    causes: [{ reason: '', message: `${by} denied request: ${message}`, field: '' }],
  });
}

/** Policies that ask for more than is simulated aren't taken, so that nothing is believed to be guarded that isn't. */
function checkPolicy({ resource, object, name }: AdmissionRequest): void {
  if (object === undefined) return;
  try {
    if (resource.kind === 'ValidatingAdmissionPolicy') policyFrom(object);
    if (resource.kind === 'ValidatingAdmissionPolicyBinding') boundPolicy(object);
  } catch (error) {
    if (!(error instanceof z.ZodError) && !(error instanceof SyntaxError)) throw error;
    const why = error instanceof z.ZodError ? z.prettifyError(error) : error.message;
    const message = `Unsupported value: the simulated cluster does not know all of this: ${why}`;
    throw invalid(resource, name, [{ reason: 'FieldValueNotSupported', message, field: 'spec' }]);
  }
}

/** ValidatingAdmissionPolicies and their bindings, in force from the moment they are stored. @throws ApiError */
export function admissionPolicies(table: ObjectTable, resources: ServedResources): Admission {
  const policies = resources.builtIn(`${group}/v1`, 'ValidatingAdmissionPolicy');
  const bindings = resources.builtIn(`${group}/v1`, 'ValidatingAdmissionPolicyBinding');
  const namespaces = resources.builtIn('v1', 'Namespace');
  return {
    validate(request) {
      const { resource, namespace, name, object, oldObject } = request;
      if (apiVersionOf(resource) === `${group}/v1`) {
        checkPolicy(request);
        return;
      }
      const around = namespace === undefined ? undefined : table.get(namespaces, undefined, namespace)?.object;
      const base: Bindings = {
        request: once(() => requestValue(request)),
        object: once(() => object),
        oldObject: once(() => oldObject),
        namespaceObject: once(() => around),
      };
      for (const { object: binding } of table.list(bindings)) {
        const policyName = boundPolicy(binding);
        const stored = table.get(policies, undefined, policyName);
        if (stored === undefined) continue;
        const policy = policyFrom(stored.object);
        if (!policy.rules.some((rule) => concerns(rule, request))) continue;
        const scope = resource === namespaces ? (object ?? oldObject) : around;
        if (policy.namespaces && scope && !selects(policy.namespaces, scope.metadata.labels ?? {})) continue;
        const denial = judge(policy, base);
        const by = `ValidatingAdmissionPolicy '${policyName}' with binding '${binding.metadata.name}'`;
        if (denial !== undefined) throw denied(resource, name, by, denial);
      }
    },
  };
}
