import type { Blueprint, BlueprintInput, Target } from '../../lambdas/domain/blueprint.ts';
import { isValuesPath } from '../../lambdas/domain/chart-values.ts';
import { checkValues, oddityOf } from '../../lambdas/domain/values.ts';
import { patternProblem } from './check-pattern.ts';
import type { BlueprintProblem } from './read-blueprint.ts';

/** What the schema can't say: agreements between the fields of one blueprint, and with the folder it lies in. */
export function checkBlueprint(blueprint: Blueprint, folderName: string): BlueprintProblem[] {
  const problems: BlueprintProblem[] = [];
  if (blueprint.name !== folderName)
    problems.push({ path: ['name'], detail: `must be "${folderName}", as the folder` });
  const wrongInputs = Object.entries(blueprint.inputs).flatMap(([name, input]) => checkInput(name, input));
  problems.push(...(wrongInputs.length > 0 ? wrongInputs : checkDefaults(blueprint)), ...checkTargets(blueprint));
  problems.push(...checkChartValues(blueprint), ...checkOddities(blueprint));
  if (blueprint.lifetime.ttl > blueprint.lifetime.maxTtl) {
    problems.push({ path: ['lifetime', 'ttl'], detail: 'must not be longer than maxTtl' });
  }
  problems.push(...checkArchiving(blueprint));
  return problems;
}

/** Until stagings can be archived, a blueprint that counts on it is refused: the sweep would delete what it is to keep. */
function checkArchiving({ lifetime, caps }: Blueprint): BlueprintProblem[] {
  const detail = 'stagings can not be archived yet';
  const problems: BlueprintProblem[] = [];
  if (lifetime.onExpiry === 'archive') problems.push({ path: ['lifetime', 'onExpiry'], detail });
  if (caps.whenFull === 'archive-idlest') problems.push({ path: ['caps', 'whenFull'], detail });
  return problems;
}

const notInChart = 'must be a dotted key such as "web.replicas"; a list is set as a whole';

/** Every place where a value goes, as far as it can be judged without rendering. */
function checkTargets(blueprint: Blueprint): BlueprintProblem[] {
  const hasChart = 'helm' in blueprint.source;
  const check = (target: Target, path: PropertyKey[]): BlueprintProblem[] => {
    if (!('values' in target)) return [];
    if (!hasChart) return [{ path, detail: 'only a Helm chart has values; use object and path' }];
    return isValuesPath(target.values) ? [] : [{ path: [...path, 'values'], detail: notInChart }];
  };
  const ofInputs = Object.entries(blueprint.inputs).flatMap(([name, { to }]) =>
    to.flatMap((target, index) => check(target, ['inputs', name, 'to', index])),
  );
  const ofHost = blueprint.host.flatMap((target, index) =>
    'imageTag' in target ? [{ path: ['host', index], detail: 'is no image tag' }] : check(target, ['host', index]),
  );
  return [...ofInputs, ...ofHost];
}

function checkChartValues(blueprint: Blueprint): BlueprintProblem[] {
  if ('helm' in blueprint.source) {
    const wrong = Object.keys(blueprint.defaults).filter((key) => !isValuesPath(key));
    return wrong.map((key) => ({ path: ['defaults', key], detail: notInChart }));
  }
  const problems: BlueprintProblem[] = [];
  if (blueprint.values === 'any') problems.push({ path: ['values'], detail: '"any" needs a Helm chart' });
  if (Object.keys(blueprint.defaults).length > 0) {
    problems.push({ path: ['defaults'], detail: 'are chart values, and there is no Helm chart' });
  }
  return problems;
}

/** What no request may hold, a blueprint may not either: the table and the chart would get something else. */
function checkOddities({ defaults, inputs }: Blueprint): BlueprintProblem[] {
  const written = [
    ...Object.entries(defaults).map(([key, value]) => ({ path: ['defaults', key], value })),
    ...Object.entries(inputs).map(([name, input]) => ({ path: ['inputs', name, 'default'], value: input.default })),
  ];
  return written.flatMap(({ path, value }) => {
    const detail = value === undefined ? undefined : oddityOf(value);
    return detail === undefined ? [] : [{ path, detail }];
  });
}

function checkInput(name: string, input: BlueprintInput): BlueprintProblem[] {
  const path = ['inputs', name];
  const wrongPattern = input.pattern === undefined ? undefined : patternProblem(input.pattern);
  if (wrongPattern !== undefined) return [{ path: [...path, 'pattern'], detail: wrongPattern }];
  if (input.required) {
    return input.default === undefined ? [] : [{ path: [...path, 'default'], detail: 'a required input needs none' }];
  }
  return [];
}

/** A default is held against the very rules that hold for a request. */
function checkDefaults(blueprint: Blueprint): BlueprintProblem[] {
  const optional = Object.entries(blueprint.inputs).filter(([, { required }]) => !required);
  return checkValues({ ...blueprint, inputs: Object.fromEntries(optional) }, {}).map(({ field, detail }) => ({
    path: ['inputs', ...field.split('.').slice(1), 'default'],
    detail,
  }));
}
