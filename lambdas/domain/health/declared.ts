import { conditionOf, numberAt } from './fields.ts';
import { failed, type Rule, ready, waiting } from './object-health.ts';

/** apiextensions.k8s.io/CustomResourceDefinition: served. */
export const definitionHealth: Rule = (object) => {
  const names = conditionOf(object, 'NamesAccepted');
  if (names?.status === 'False') return failed('ApplyRejected', names.message ?? 'its names are taken');
  return conditionOf(object, 'Established')?.status === 'True'
    ? ready('established')
    : waiting('is not established yet');
};

/** apiregistration.k8s.io/APIService: the server behind it answers. */
export const apiServiceHealth: Rule = (object) => {
  const available = conditionOf(object, 'Available');
  return available?.status === 'True' ? ready() : waiting(available?.message ?? 'is not available yet');
};

/**
 * HorizontalPodAutoscaler: finds what it scales. Whether there are metrics is no matter: without them it leaves the
 * count as it is, and a staging's first minute never has any.
 */
export const autoscalerHealth: Rule = (object) => {
  const able = conditionOf(object, 'AbleToScale');
  return able?.status === 'False' ? waiting(able.message ?? "can't scale its target") : ready();
};

/** policy/PodDisruptionBudget: seen by its controller. How many may leave is no question of health. */
export const budgetHealth: Rule = (object) => {
  const observed = numberAt(object, Number.POSITIVE_INFINITY, 'status', 'observedGeneration');
  return observed >= (object.metadata.generation ?? 1) ? ready() : waiting('not yet seen by its controller');
};

/**
 * Everything else, custom resources above all: the conditions of kstatus, then `Ready`, then `Available`. Without any it
 * is ready by being there.
 */
export const conditionsHealth: Rule = (object) => {
  const observed = numberAt(object, Number.POSITIVE_INFINITY, 'status', 'observedGeneration');
  if (observed < (object.metadata.generation ?? 1)) return waiting('not yet seen by its controller');
  const stalled = conditionOf(object, 'Stalled');
  if (stalled?.status === 'True') return failed('RolloutStalled', stalled.message || stalled.reason || 'is stalled');
  const reconciling = conditionOf(object, 'Reconciling');
  if (reconciling?.status === 'True') return waiting(reconciling.message || reconciling.reason || 'is reconciling');
  const condition = conditionOf(object, 'Ready') ?? conditionOf(object, 'Available');
  if (!condition || condition.status === 'True') return ready();
  return waiting(condition.message || condition.reason || `is not ${condition.type.toLowerCase()}`);
};
