import type { Blueprint } from '../domain/blueprint.ts';
import { formatDuration } from '../domain/duration.ts';
import { CapReached, type FieldProblem, InputRefused } from '../domain/errors.ts';
import { type DeployRequest, requestDeploy } from '../domain/lifecycle.ts';
import { fitsUnder } from '../domain/links.ts';
import type { Source } from '../domain/operation.ts';
import type { SourceOverrides, Staging, Values } from '../domain/staging.ts';
import { checkValues } from '../domain/values.ts';
import type { Blueprints } from '../render/blueprints.ts';
import { type ChangeDeps, type Changed, changeStaging } from './change-staging.ts';

/** What a caller wants, as it came over the wire and was parsed. */
export interface StagingWish {
  name: string;
  blueprint: string;
  values: Values;
  overrides: SourceOverrides;
  source?: Source | undefined;
  owner?: string | undefined;
  sequence?: number | undefined;
  /** milliseconds */
  ttl?: number | undefined;
}

export interface RequestDeps extends ChangeDeps {
  blueprints: Pick<Blueprints, 'get' | 'all'>;
  publicBaseUrl: string;
  defaultCluster: string;
}

/**
 * Creates or updates a staging: the one call that CI needs.
 * @throws InputRefused naming every field that the blueprint does not allow
 * @throws StaleSequence, CapReached, Conflict
 */
export async function requestStaging(deps: RequestDeps, wish: StagingWish, actor: string): Promise<Changed> {
  const blueprint = checkWish(deps, wish);
  return changeStaging(deps, wish.name, async (staging) => {
    const request = toRequest(deps, blueprint, wish, staging, actor);
    const decision = requestDeploy(staging, request, { actor, cause: 'request', now: deps.now() });
    if (!decision) return staging ?? never(wish.name);
    await checkCaps(deps, blueprint, staging, decision.staging);
    return decision;
  });
}

const never = (name: string): never => {
  throw new Error(`a staging that does not exist can't be unchanged: ${name}`);
};

function checkWish(deps: RequestDeps, wish: StagingWish): Blueprint {
  const blueprint = deps.blueprints.get(wish.blueprint)?.blueprint;
  if (!blueprint) {
    const names = deps.blueprints.all().map((one) => one.name);
    const detail = `there is no blueprint "${wish.blueprint}"; there are: ${names.join(', ') || 'none'}`;
    throw new InputRefused([{ field: 'blueprint', detail }]);
  }
  const problems = [...checkValues(blueprint, wish.values), ...checkRest(deps, blueprint, wish)];
  if (problems.length > 0) throw new InputRefused(problems);
  return blueprint;
}

function checkRest(deps: RequestDeps, blueprint: Blueprint, wish: StagingWish): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const { maxTtl } = blueprint.lifetime;
  if (wish.ttl !== undefined && wish.ttl > maxTtl) {
    problems.push({ field: 'ttl', detail: `must be at most ${formatDuration(maxTtl)} for this blueprint` });
  }
  if (wish.overrides.chartVersion !== undefined && !isRemoteChart(blueprint)) {
    const detail = 'can only be set where the blueprint takes its chart from a repository';
    problems.push({ field: 'overrides.chartVersion', detail });
  }
  if (!fitsUnder(wish.name, deps.publicBaseUrl)) {
    problems.push({ field: 'name', detail: 'makes a host name of more than 253 characters' });
  }
  return problems;
}

const isRemoteChart = ({ source }: Blueprint): boolean => 'helm' in source && 'repository' in source.helm;

/** Who updates a staging does not take it from its owner by leaving the owner out. */
function toRequest(
  deps: RequestDeps,
  blueprint: Blueprint,
  wish: StagingWish,
  staging: Staging | undefined,
  actor: string,
): DeployRequest {
  const isAlive = staging !== undefined && staging.status !== 'Deleted';
  return {
    name: wish.name,
    desired: {
      blueprint: wish.blueprint,
      values: wish.values,
      overrides: wish.overrides,
      ...(wish.source === undefined ? {} : { source: wish.source }),
    },
    cluster: blueprint.cluster ?? deps.defaultCluster,
    owner: wish.owner ?? (isAlive ? staging.owner : actor),
    sequence: wish.sequence,
    ttl: wish.ttl ?? blueprint.lifetime.ttl,
    isTtlDefault: wish.ttl === undefined,
    warnBefore: blueprint.lifetime.warnBefore,
  };
}

/**
 * Caps hold for a staging that takes a place: a new one, or one that comes from another blueprint or owner.
 * The index is a little behind: two requests in the same second may both take the last place, and that is fine.
 */
async function checkCaps(
  deps: RequestDeps,
  { name, caps: { total, perOwner } }: Blueprint,
  before: Staging | undefined,
  after: Staging,
): Promise<void> {
  const isNewHere = !before || before.status === 'Deleted' || before.desired.blueprint !== name;
  const isNewToOwner = isNewHere || before.owner !== after.owner;
  if (isNewHere && total !== undefined && (await deps.stagings.countLive(name)) >= total) {
    throw new CapReached(`blueprint "${name}" allows ${total} stagings in all; delete one first`);
  }
  if (isNewToOwner && perOwner !== undefined && (await deps.stagings.countLive(name, after.owner)) >= perOwner) {
    throw new CapReached(`blueprint "${name}" allows ${perOwner} stagings for each owner; delete one first`);
  }
}
