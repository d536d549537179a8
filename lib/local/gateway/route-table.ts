import type { RoutePart } from '../template/parts.ts';

/** A route that a request matched, with the decoded parts of its path. */
export interface RouteMatch {
  route: RoutePart;
  pathParameters: Readonly<Record<string, string>>;
}

interface CompiledRoute {
  route: RoutePart;
  segments: readonly string[];
}

const parameter = /^\{([^}+]+)(\+?)\}$/;

/**
 * Finds the route for a request as an HTTP API does: the most specific path wins, an exact method before ANY, `$default` last.
 * Undefined where nothing matches. `path` is still percent-encoded.
 */
export function createRouteTable(
  routes: readonly RoutePart[],
): (method: string, path: string) => RouteMatch | undefined {
  const fallback = routes.find((route) => route.path === undefined);
  const compiled = routes
    .filter((route) => route.path !== undefined)
    .map((route): CompiledRoute => ({ route, segments: segmentsOf(route.path ?? '') }))
    .toSorted((left, right) => compare(rank(left), rank(right)));
  return (method, path) => {
    const segments = segmentsOf(path);
    for (const candidate of compiled) {
      if (candidate.route.method !== method && candidate.route.method !== 'ANY') continue;
      const pathParameters = match(candidate.segments, segments);
      if (pathParameters) return { route: candidate.route, pathParameters };
    }
    return fallback && { route: fallback, pathParameters: {} };
  };
}

const segmentsOf = (path: string): string[] => path.split('/').slice(1);

/** Sorts static segments before parameters before greedy ones, segment by segment; then exact methods before ANY. */
const rank = ({ route, segments }: CompiledRoute): string =>
  segments.map((segment) => (segment.endsWith('+}') ? 2 : parameter.test(segment) ? 1 : 0)).join('') +
  (route.method === 'ANY' ? 1 : 0);

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

function match(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  const found: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index];
    if (segment === undefined) return undefined;
    const [, name, greedy] = parameter.exec(part) ?? [];
    if (name === undefined) {
      if (part !== segment) return undefined;
    } else if (greedy) {
      found[name] = segments.slice(index).map(decode).join('/');
      return found;
    } else {
      if (segment === '') return undefined;
      found[name] = decode(segment);
    }
  }
  return pattern.length === segments.length ? found : undefined;
}

/** Percent-decoding that takes malformed text as it is. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
