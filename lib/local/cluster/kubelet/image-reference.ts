/** An image reference in full, as a registry is asked for it. */
export interface ImageReference {
  /** `docker.io/library/nginx:1.29` */
  full: string;
  tag: string;
}

const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const domain = '(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*)(?::\\d+)?';
const pattern = new RegExp(
  `^(?:(?<domain>${domain})/)?(?<path>${component}(?:/${component})*)(?::(?<tag>\\w[\\w.-]{0,127}))?(?<digest>@[a-z0-9]+:[0-9a-f]{32,})?$`,
);
const withRegistry = /^(localhost|[^/]*[.:][^/]*)\//;

/**
 * Reads an image reference by the grammar that container runtimes share.
 * @returns what is wrong with it, in the runtime's words, where it can't be read
 */
export function readImage(image: string): ImageReference | { invalid: string } {
  const match = pattern.exec(image)?.groups;
  if (match === undefined) return { invalid: whyInvalid(image) };
  const rest = [match['domain'], match['path']].filter((part) => part !== undefined).join('/');
  const isOnHub = !withRegistry.test(image);
  const repository = isOnHub ? `docker.io/${rest.includes('/') ? '' : 'library/'}${rest}` : rest;
  const tag = match['tag'] ?? (match['digest'] === undefined ? 'latest' : '');
  return { full: `${repository}${tag === '' ? '' : `:${tag}`}${match['digest'] ?? ''}`, tag };
}

function whyInvalid(image: string): string {
  const [name = ''] = image.replace(withRegistry, '').split(/[:@]/);
  const isOnlyCase = pattern.test(image.replace(name, name.toLowerCase()));
  return isOnlyCase && name !== name.toLowerCase()
    ? `invalid reference format: repository name (${name.includes('/') ? name : `library/${name}`}) must be lowercase`
    : 'invalid reference format';
}
