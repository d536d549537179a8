/** The group that the cluster function's role is in: the installation's name, so that two installations can share a cluster. */
export const groupOf = (installation: string): string => installation;
