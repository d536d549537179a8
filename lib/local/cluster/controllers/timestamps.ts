/** A time as Kubernetes writes it: RFC 3339 in whole seconds. */
export const timestamp = (milliseconds: number): string =>
  new Date(milliseconds).toISOString().replace(/\.\d{3}Z$/, 'Z');

/** Milliseconds since 1970 of a timestamp; 0 where there is none. */
export const milliseconds = (timestamp: string | undefined): number =>
  timestamp === undefined || timestamp === '' ? 0 : Date.parse(timestamp);
