import { imageName } from '../image-tag.ts';
import { describeObject, type KubernetesObject } from '../kubernetes-object.ts';
import { type Container, containersOf, lastEnd } from './containers.ts';
import { isSince, skew, warningsAbout, warningsNamed } from './events.ts';
import type { Trouble } from './failures.ts';
import { conditionOf, listAt, textAt, timeOf } from './fields.ts';
import type { View } from './object-health.ts';
import { isPullError, type PullSightings } from './pull-sightings.ts';

/** How patient the judge is. Milliseconds. */
export interface Patience {
  /** when this deploy was written: what is from before is about an earlier one; since 1970 */
  since: number;
  unschedulableGrace: number;
  /** zero, unless something in the workload may yet make the Secret or ConfigMap that a pod misses */
  configGrace: number;
  pulls: PullSightings;
  /** false for pods of a Job, whose own backoff limit counts their failures */
  countsRestarts: boolean;
}

/** What a pod can't recover from by waiting; undefined where it may. */
export function podTrouble(pod: KubernetesObject, view: View, patience: Patience): Trouble | undefined {
  const trouble = (code: Trouble['code'], message: string): Trouble => ({ code, object: describeObject(pod), message });
  for (const container of containersOf(pod)) {
    const found =
      imageTrouble(pod, container, view, patience) ??
      configTrouble(pod, container, view, patience) ??
      (patience.countsRestarts ? crashTrouble(container, patience) : undefined);
    if (found) return trouble(found[0], found[1]);
  }
  const found = mountTrouble(pod, view, patience) ?? schedulingTrouble(pod, view, patience);
  return found ? trouble(found[0], found[1]) : undefined;
}

type Found = [Trouble['code'], string] | undefined;

const denied = /denied|unauthorized|forbidden|insufficient_scope|authentication required|no basic auth|\b40[13]\b/i;
const missing = /not ?found|manifest unknown|name unknown|no such image|does not exist|\b404\b/i;

function imageTrouble(pod: KubernetesObject, container: Container, view: View, { pulls, since }: Patience): Found {
  const { reason, message } = container.state?.waiting ?? {};
  const image = `image ${container.image || '?'} of container ${container.name}`;
  if (reason === 'InvalidImageName') return ['ImageNotFound', `${image} is no valid image name`];
  if (reason === 'ErrImageNeverPull') return ['ImageNotFound', `${image} is not on the node, and may not be pulled`];
  if (!isPullError(reason) || pulls.count(pod, container.name) < 2) return undefined;
  const told = warningsAbout(view, pod, since)
    .filter((event) => event.reason === 'Failed' && event.message.includes(container.image))
    .map((event) => event.message);
  const said = [pulls.message(pod, container.name), message, ...told].filter(
    (text) => text !== undefined && text !== null,
  );
  const refusal = said.find((text) => denied.test(withoutName(text, container.image)));
  if (refusal !== undefined) return ['ImagePullDenied', `${image} may not be pulled: ${refusal}`];
  if (said.some((text) => missing.test(withoutName(text, container.image))))
    return ['ImageNotFound', `${image} was not found`];
  return undefined;
}

/** What is said besides the image's own name, which may have such words and numbers in it: `shop:pr-403`. */
function withoutName(text: string, image: string): string {
  const name = imageName(image);
  const path = name.replace(/^[^/]*[.:][^/]*\//, '');
  const tag = image.slice(name.length + 1);
  const words = [image, name, path, `manifests/${tag}`].map((word) => word.replaceAll(/[^\w-]/g, '\\$&'));
  return text.replaceAll(new RegExp(`(?<![\\w-])(?:${words.join('|')})(?![\\w-])`, 'g'), '');
}

const absent =
  /(?:secret|configmap)s? .*not found|couldn't find key|(?:secret|configmap).*does not exist|references non-existent (?:secret|config)/i;

/** Every namespace gets it a moment after it was made. */
const ownCertificates = /kube-root-ca\.crt/;

const isAbsent = (text: string): boolean => absent.test(text) && !ownCertificates.test(text);

const createdAt = (pod: KubernetesObject, view: View): number => timeOf(pod.metadata.creationTimestamp, view.now);

const age = (pod: KubernetesObject, view: View): number => view.now - createdAt(pod, view);

/** A kubelet looks again after 10 to 15 s; until then a pod of an earlier deploy says what it missed there. */
const kubeletRetry = 20_000;

function configTrouble(pod: KubernetesObject, container: Container, view: View, patience: Patience): Found {
  const { reason, message } = container.state?.waiting ?? {};
  const { since, configGrace } = patience;
  if (reason !== 'CreateContainerConfigError' || age(pod, view) < configGrace) return undefined;
  if (createdAt(pod, view) < since - skew && view.now - since < kubeletRetry) return undefined;
  const text = `container ${container.name} can't be made: ${message ?? reason}`;
  return isAbsent(message ?? '') ? ['ConfigMissing', text] : ['RolloutStalled', text];
}

function mountTrouble(pod: KubernetesObject, view: View, { since, configGrace }: Patience): Found {
  if (age(pod, view) < configGrace) return undefined;
  // A pod of an earlier deploy is believed once it has certainly tried again.
  const isOlder = createdAt(pod, view) < since - skew;
  const event = warningsAbout(view, pod, isOlder ? since + 2 * skew : since).find(
    ({ reason, message }) => reason === 'FailedMount' && isAbsent(message),
  );
  return event && ['ConfigMissing', event.message];
}

/** Once may be a dependency that was slow to come up. */
const restartsBelieved = 3;

function crashTrouble(container: Container, { since }: Patience): Found {
  const { name, restartCount, ready, state } = container;
  if (ready || restartCount < restartsBelieved || (container.isInit && state?.terminated?.exitCode === 0))
    return undefined;
  const end = lastEnd(container);
  if (!isSince(end?.finishedAt, since)) return undefined;
  const times = `${restartCount} restarts`;
  if (end?.reason === 'OOMKilled')
    return ['CrashLoop', `container ${name} was killed for using more memory than its limit, ${times}`];
  if (!end && state?.waiting?.reason !== 'CrashLoopBackOff') return undefined;
  return ['CrashLoop', `container ${name} ends with exit code ${end?.exitCode ?? '?'}, ${times}`];
}

/** A claim, or the class of one, that isn't there: no node that an autoscaler adds would have it. */
const absentVolume = /(?:persistentvolumeclaim|storageclass\S*) "[^"]*" not found/i;

/** The scheduler may hear of a pod before it hears of its claim. */
const absenceBelieved = 5_000;

function schedulingTrouble(pod: KubernetesObject, view: View, patience: Patience): Found {
  const { since, unschedulableGrace, configGrace } = patience;
  const scheduled = conditionOf(pod, 'PodScheduled');
  if (scheduled?.status !== 'False' || scheduled.reason !== 'Unschedulable') return undefined;
  const waiting = timeOf(scheduled.lastTransitionTime ?? pod.metadata.creationTimestamp, view.now);
  const said = [scheduled.message ?? 'no reason given', ...saidOfClaims(pod, view, since)].join('; ');
  const isAbsent = absentVolume.test(said);
  const grace = isAbsent ? Math.min(Math.max(absenceBelieved, configGrace), unschedulableGrace) : unschedulableGrace;
  return view.now - Math.max(waiting, since) < grace ? undefined : ['Unschedulable', `no node can take it: ${said}`];
}

/** Why the claims of a pod get no volume: of that, the scheduler says no more than that they have none. */
const saidOfClaims = (pod: KubernetesObject, view: View, since: number): string[] =>
  listAt(pod, 'spec', 'volumes').flatMap((volume) => {
    const name = textAt(volume, 'persistentVolumeClaim', 'claimName');
    const last = warningsNamed(view, `PersistentVolumeClaim/${name}`, since).at(-1);
    return last ? [`${last.object}: ${last.message}`] : [];
  });
