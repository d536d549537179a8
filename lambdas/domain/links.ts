import * as z from 'zod';
import type { Blueprint } from './blueprint.ts';
import { hostFits, hostOf } from './names.ts';

/** An address that a person opens. */
export const Link = z.object({ title: z.string(), url: z.url() });
export type Link = z.infer<typeof Link>;

/** The staging's host name, without a port. `publicBaseUrl` is the installation's, such as https://staging.example.com. */
export const hostAt = (name: string, publicBaseUrl: string): string => hostOf(name, new URL(publicBaseUrl).hostname);

/** Whether the staging's host name keeps within the 253 characters that DNS allows. */
export const fitsUnder = (name: string, publicBaseUrl: string): boolean =>
  hostFits(name, new URL(publicBaseUrl).hostname);

/** The staging's address: one label under the installation's host, same scheme and port. Ends with a slash. */
export function urlOf(name: string, publicBaseUrl: string): string {
  const url = new URL(publicBaseUrl);
  url.hostname = hostOf(name, url.hostname);
  return url.href;
}

/** The blueprint's links for one staging; none where the blueprint is not shipped any more. */
export const linksOf = (name: string, blueprint: Blueprint | undefined, publicBaseUrl: string): Link[] =>
  (blueprint?.links ?? []).map(({ title, path }) => ({ title, url: new URL(path, urlOf(name, publicBaseUrl)).href }));
