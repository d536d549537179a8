/** One resource of the template with everything in it resolved. */
export interface ResolvedResource {
  logicalId: string;
  name: string;
  arn: string;
  properties: unknown;
}

/** The resources of some types, resolved. */
export type OfType = (...types: string[]) => ResolvedResource[];
