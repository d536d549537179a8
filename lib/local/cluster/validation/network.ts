import { isIP } from 'node:net';
import type { StatusCause } from '../api-error.ts';
import { listAt, recordAt, stringAt, valueAt } from '../json.ts';
import type { Check } from './check.ts';
import { label, labelProblems, nameProblems, subdomain } from './metadata.ts';
import { duplicates, duplicateValue, forbiddenValue, invalidValue, requiredValue } from './problems.ts';
import { notOneOf, portNumberProblems, portProblems, protocols } from './values.ts';

function servicePort(port: unknown, at: string, isOnly: boolean, hasNodePorts: boolean): StatusCause[] {
  const name = stringAt(port, 'name') ?? '';
  const target = valueAt(port, 'targetPort') || undefined;
  const named = name === '' ? [] : nameProblems(label, name, `${at}.name`);
  return [
    ...(name === '' && !isOnly ? [requiredValue(`${at}.name`)] : named),
    ...portNumberProblems(`${at}.port`, valueAt(port, 'port')),
    ...notOneOf(`${at}.protocol`, valueAt(port, 'protocol'), protocols),
    ...(target === undefined ? [] : portProblems(`${at}.targetPort`, target)),
    ...(valueAt(port, 'nodePort') !== undefined && !hasNodePorts
      ? [forbiddenValue(`${at}.nodePort`, "may not be used when `type` is 'ClusterIP'")]
      : []),
  ];
}

const servicePorts: Check = (object) => {
  const ports = listAt(object, 'spec', 'ports');
  const type = valueAt(object, 'spec', 'type');
  const isHeadless = valueAt(object, 'spec', 'clusterIP') === 'None';
  if (ports.length === 0) return isHeadless || type === 'ExternalName' ? [] : [requiredValue('spec.ports')];
  const numbers = ports.map((port) => `${String(valueAt(port, 'port'))}/${String(valueAt(port, 'protocol'))}`);
  const hasNodePorts = type === 'NodePort' || type === 'LoadBalancer';
  return [
    ...ports.flatMap((port, index) => servicePort(port, `spec.ports[${index}]`, ports.length === 1, hasNodePorts)),
    ...duplicates(
      ports.map((port) => stringAt(port, 'name') || undefined),
      (index) => `spec.ports[${index}].name`,
    ),
    ...numbers.flatMap((number, index) =>
      numbers.indexOf(number) < index ? [duplicateValue(`spec.ports[${index}]`, ports[index])] : [],
    ),
  ];
};

const serviceSpec: Check = (object) => {
  const spec = recordAt(object, 'spec');
  const address = stringAt(spec, 'clusterIP') ?? '';
  const isAddress = address === '' || address === 'None' || isIP(address) !== 0;
  const detail = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
  const external = stringAt(spec, 'externalName') ?? '';
  const named =
    external === '' ? [requiredValue('spec.externalName')] : nameProblems(subdomain, external, 'spec.externalName');
  return [
    ...notOneOf('spec.type', spec['type'], ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']),
    ...notOneOf('spec.sessionAffinity', spec['sessionAffinity'], ['ClientIP', 'None']),
    ...labelProblems(recordAt(spec, 'selector'), 'spec.selector'),
    ...(spec['type'] === 'ExternalName' ? named : []),
    ...(isAddress ? [] : [invalidValue('spec.clusterIPs[0]', address, detail)]),
  ];
};

export const serviceChecks = [servicePorts, serviceSpec];

function backendProblems(backend: unknown, at: string): StatusCause[] {
  if (valueAt(backend, 'resource') !== undefined) return [];
  const service = valueAt(backend, 'service');
  if (service === undefined) return [invalidValue(at, '', 'resource or service backend is required')];
  const hasName = (stringAt(service, 'port', 'name') ?? '') !== '';
  const hasNumber = Number(valueAt(service, 'port', 'number') ?? 0) !== 0;
  return [
    ...((stringAt(service, 'name') ?? '') === '' ? [requiredValue(`${at}.service.name`)] : []),
    ...(hasName && hasNumber ? [invalidValue(at, '', 'cannot set both port name & port number')] : []),
    ...(hasName || hasNumber ? [] : [requiredValue(at, 'port name or number is required')]),
  ];
}

const forbiddenInPaths = ['//', '/./', '/../', '%2f', '%2F'];
const forbiddenAtTheEnd = ['/..', '/.'];

function pathProblems(path: unknown, at: string): StatusCause[] {
  const type = valueAt(path, 'pathType');
  const text = stringAt(path, 'path') ?? '';
  const invalid = (detail: string): StatusCause[] => [invalidValue(`${at}.path`, text, detail)];
  const isFree = type === 'ImplementationSpecific';
  const absolute = text.startsWith('/') || (isFree && text === '') ? [] : invalid('must be an absolute path');
  const parts = forbiddenInPaths
    .filter((part) => text.includes(part))
    .flatMap((part) => invalid(`must not contain '${part}'`));
  const ends = forbiddenAtTheEnd
    .filter((end) => text.endsWith(end))
    .flatMap((end) => invalid(`cannot end with '${end}'`));
  return [
    ...notOneOf(`${at}.pathType`, type, ['Exact', 'ImplementationSpecific', 'Prefix']),
    ...absolute,
    ...(isFree ? [] : [...parts, ...ends]),
    ...backendProblems(valueAt(path, 'backend'), `${at}.backend`),
  ];
}

function hostProblems(host: string, at: string): StatusCause[] {
  if (isIP(host) !== 0) return [invalidValue(at, host, 'must be a DNS name, not an IP address')];
  const isStarred = host.startsWith('*.');
  return host === '' ? [] : nameProblems(subdomain, isStarred ? host.slice(2) : host, at);
}

/** What is wrong with the rules of an Ingress. */
export const ingressRules: Check = (object) => {
  const rules = listAt(object, 'spec', 'rules');
  const backend = valueAt(object, 'spec', 'defaultBackend');
  const detail = 'either `defaultBackend` or `rules` must be specified';
  if (rules.length === 0 && backend === undefined) return [invalidValue('spec', null, detail)];
  const each = rules.flatMap((rule, index) => {
    const at = `spec.rules[${index}]`;
    const paths = listAt(rule, 'http', 'paths');
    const isEmpty = valueAt(rule, 'http') !== undefined && paths.length === 0;
    return [
      ...hostProblems(stringAt(rule, 'host') ?? '', `${at}.host`),
      ...(isEmpty ? [requiredValue(`${at}.http.paths`)] : []),
      ...paths.flatMap((path, number) => pathProblems(path, `${at}.http.paths[${number}]`)),
    ];
  });
  return [...each, ...(backend === undefined ? [] : backendProblems(backend, 'spec.defaultBackend'))];
};
