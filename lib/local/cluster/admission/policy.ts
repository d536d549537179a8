import * as z from 'zod';
import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import { Selector } from '../controllers/view.ts';
import { compile, type Expression } from './cel.ts';
import { Rule } from './rules.ts';

const named = z.array(z.strictObject({ name: z.string(), expression: z.string() })).default([]);

/** What is known here of a policy. Whatever else one holds is refused: half a policy would be none. */
const Spec = z.strictObject({
  failurePolicy: z.enum(['Fail', 'Ignore']).default('Fail'),
  matchConstraints: z.strictObject({
    resourceRules: z.array(Rule),
    matchPolicy: z.string().optional(),
    namespaceSelector: Selector.optional(),
  }),
  matchConditions: named,
  variables: named,
  validations: z.array(
    z.strictObject({
      expression: z.string(),
      message: z.string().optional(),
      messageExpression: z.string().optional(),
      reason: z.enum(['Unauthorized', 'Forbidden', 'Invalid', 'RequestEntityTooLarge']).default('Invalid'),
    }),
  ),
});

const BindingSpec = z.strictObject({ policyName: z.string(), validationActions: z.tuple([z.literal('Deny')]) });

export interface Validation {
  expression: Expression;
  messageExpression: Expression | undefined;
  message: string | undefined;
  reason: z.infer<typeof Spec>['validations'][number]['reason'];
}

export interface Policy {
  name: string;
  failurePolicy: 'Fail' | 'Ignore';
  rules: readonly Rule[];
  /** which namespaces' objects it is about; cluster-scoped ones it is about whatever this says */
  namespaces: Selector | undefined;
  conditions: readonly Expression[];
  variables: readonly { name: string; expression: Expression }[];
  validations: readonly Validation[];
}

const compiled = new WeakMap<KubernetesObject, Policy>();

function compilePolicy(object: KubernetesObject): Policy {
  const spec = Spec.parse(object['spec']);
  return {
    name: object.metadata.name ?? '',
    failurePolicy: spec.failurePolicy,
    rules: spec.matchConstraints.resourceRules,
    namespaces: spec.matchConstraints.namespaceSelector,
    conditions: spec.matchConditions.map(({ expression }) => compile(expression)),
    variables: spec.variables.map(({ name, expression }) => ({ name, expression: compile(expression) })),
    validations: spec.validations.map(({ expression, message, messageExpression, reason }) => ({
      expression: compile(expression),
      messageExpression: messageExpression === undefined ? undefined : compile(messageExpression),
      message,
      reason,
    })),
  };
}

/** The policy an object holds, compiled once. @throws ZodError, SyntaxError for more than is simulated */
export function policyFrom(object: KubernetesObject): Policy {
  const policy = compiled.get(object) ?? compilePolicy(object);
  compiled.set(object, policy);
  return policy;
}

const bound = new WeakMap<KubernetesObject, string>();

/** The name of the policy that a binding puts in force. @throws ZodError for bindings with parameters, selectors or other actions */
export function boundPolicy(binding: KubernetesObject): string {
  const name = bound.get(binding) ?? BindingSpec.parse(binding['spec']).policyName;
  bound.set(binding, name);
  return name;
}
