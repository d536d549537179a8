/**
 * Name of Berth's group in the clusters, and of what is made there for it: `berth`, or `berth-<installation>` for one with
 * a name of its own, so that two installations can share a cluster.
 */
export const clusterGroupOf = (installation: string): string =>
  installation === 'berth' ? installation : `berth-${installation}`;

/** The cluster role that Berth binds to its group in each of its namespaces. No installation's name has a colon. */
export const stagingRoleOf = (installation: string): string => `${clusterGroupOf(installation)}:staging`;
