import { isRecord, type JsonRecord } from '../json.ts';
import { change, changeEach, fill } from './fill.ts';

const probeDefaults = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 };

const withHttp = (handler: JsonRecord): JsonRecord =>
  change(handler, 'httpGet', (get) => fill(get, { path: '/', scheme: 'HTTP' }));

const withProbe = (container: JsonRecord, key: string): JsonRecord =>
  change(container, key, (probe) => fill(withHttp(probe), probeDefaults));

/** `latest`, said or unsaid, is pulled each time. */
function pullPolicy(image: unknown): string {
  const text = typeof image === 'string' ? image : '';
  const lastPart = text.slice(text.lastIndexOf('/') + 1);
  const isLatest = !text.includes('@') && (!lastPart.includes(':') || lastPart.endsWith(':latest'));
  return isLatest ? 'Always' : 'IfNotPresent';
}

/** What is limited but not requested is requested as much as it is limited. */
const withRequests = (resources: JsonRecord): JsonRecord => {
  const { limits, requests } = resources;
  if (!isRecord(limits)) return resources;
  return { ...resources, requests: fill(isRecord(requests) ? requests : {}, limits) };
};

const withFieldRef = (variable: JsonRecord): JsonRecord =>
  change(variable, 'valueFrom', (from) => change(from, 'fieldRef', (ref) => fill(ref, { apiVersion: 'v1' })));

function containerDefaults(given: JsonRecord): JsonRecord {
  const probed = ['livenessProbe', 'readinessProbe', 'startupProbe'].reduce(withProbe, given);
  const ports = changeEach(probed, 'ports', (port) => fill(port, { protocol: 'TCP' }));
  const env = changeEach(ports, 'env', withFieldRef);
  const filled = fill(env, {
    imagePullPolicy: pullPolicy(given['image']),
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
  });
  return change(filled, 'resources', withRequests);
}

function volumeDefaults(volume: JsonRecord): JsonRecord {
  const modes = ['configMap', 'secret', 'projected', 'downwardAPI'].reduce(
    (changed, key) => change(changed, key, (source) => fill(source, { defaultMode: 420 })),
    volume,
  );
  const path = change(modes, 'hostPath', (source) => fill(source, { type: '' }));
  return Object.keys(path).length === 1 ? { ...path, emptyDir: {} } : path;
}

/** What the API server fills in where a pod's spec, or a template's, leaves something out. */
export function podSpecDefaults(spec: JsonRecord): JsonRecord {
  const contained = ['containers', 'initContainers'].reduce(
    (changed, key) => changeEach(changed, key, containerDefaults),
    spec,
  );
  const account = spec['serviceAccountName'] ?? spec['serviceAccount'];
  return fill(changeEach(contained, 'volumes', volumeDefaults), {
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
    ...(account === undefined ? {} : { serviceAccountName: account, serviceAccount: account }),
  });
}

/** A pod itself, beside what a template gets: it always has a service account. */
export const podDefaults = (spec: JsonRecord): JsonRecord =>
  podSpecDefaults(fill(spec, { serviceAccountName: spec['serviceAccount'] ?? 'default', enableServiceLinks: true }));

export const templateDefaults = (template: JsonRecord): JsonRecord => change(template, 'spec', podSpecDefaults);
