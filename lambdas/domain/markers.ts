/** Labels and annotations that Berth puts on objects in the cluster. */
export const markers = {
  /** label on everything Berth applies; selects what it may prune */
  managedBy: 'app.kubernetes.io/managed-by',
  managedByValue: 'berth',
  /** label: the staging's name */
  staging: 'berth.dev/staging',
  /** label on namespaces: which installation owns it */
  installation: 'berth.dev/installation',
  /** annotation: generation of the operation that wrote the object; the fence */
  generation: 'berth.dev/generation',
  /** annotation on namespaces: kind of the operation that has that generation; only a teardown removes what isn't Berth's */
  operation: 'berth.dev/operation',
  /** annotation on namespaces: the commit that runs, where the request named it */
  commit: 'berth.dev/commit',
  /** annotation on hook objects: the phase it ran for */
  hook: 'berth.dev/hook',
} as const;

/** Field manager of every server-side apply. */
export const fieldManager = 'berth';

/** Name of the ConfigMap in the staging's namespace that lists what was applied. */
export const inventoryName = 'berth-inventory';

/** Name of the objects there that bound it, and of the binding that gives Berth its rights. */
export const guardName = 'berth';
