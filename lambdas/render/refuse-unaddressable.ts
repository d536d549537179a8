import type { KubernetesObject } from '../domain/kubernetes-object.ts';
import { RenderFailed } from '../domain/render-failed.ts';

/** The API server's own limit, whatever the kind; many have a lower one. */
const longestName = 253;

/** A DNS label. */
const longestKind = 63;

const version = /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const kindName = /^[A-Za-z][A-Za-z0-9-]{0,62}$/;

/**
 * Version, kind and name become the path under which an object is asked for and written: they may hold nothing that
 * means another path. The API server has the same rules, but sees only what the path has come to.
 * @throws RenderFailed that names the object
 */
export function refuseUnaddressable({ apiVersion, kind, metadata: { name = '' } }: KubernetesObject): void {
  const subject = `${kind.slice(0, longestKind)}/${name.slice(0, longestName)}`;
  if (!version.test(apiVersion)) throw new RenderFailed(`${subject}: apiVersion ${cut(apiVersion)} can't be one`);
  if (!kindName.test(kind)) throw new RenderFailed(`${subject}: kind ${cut(kind)} can't be one`);
  if (name.length > longestName) {
    throw new RenderFailed(`${subject}: its name has ${name.length} characters, and ${longestName} are the most`);
  }
  if (name === '.' || name === '..' || /[/%]/.test(name)) {
    throw new RenderFailed(`${subject}: ${cut(name)} can't be a name, since it is part of a path`);
  }
}

const cut = (text: string): string =>
  JSON.stringify(text.length > longestKind ? `${text.slice(0, longestKind)}…` : text);
