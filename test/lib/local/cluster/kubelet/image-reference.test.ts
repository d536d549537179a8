import { describe, expect, it } from 'vitest';
import { readImage } from '../../../../../lib/local/cluster/kubelet/image-reference.ts';

describe('an image reference', () => {
  it.each([
    ['nginx', 'docker.io/library/nginx:latest', 'latest'],
    ['nginx:1.29', 'docker.io/library/nginx:1.29', '1.29'],
    ['acme/web:missing', 'docker.io/acme/web:missing', 'missing'],
    ['localhost:5000/web:crash', 'localhost:5000/web:crash', 'crash'],
    ['localhost/web', 'localhost/web:latest', 'latest'],
    ['ghcr.io/acme/shop/web:v1.2-rc.1', 'ghcr.io/acme/shop/web:v1.2-rc.1', 'v1.2-rc.1'],
    [`nginx@sha256:${'a'.repeat(64)}`, `docker.io/library/nginx@sha256:${'a'.repeat(64)}`, ''],
  ])('%s is %s in full', (image, full, tag) => {
    expect(readImage(image)).toEqual({ full, tag });
  });

  it.each(['', 'nginx:', 'acme//web', 'nginx:1 0', 'https://example.com/web:1', 'web:-1'])(
    '%j cannot be read',
    (image) => {
      expect(readImage(image)).toEqual({ invalid: 'invalid reference format' });
    },
  );

  it('must be in lower case', () => {
    expect(readImage('Nginx:1.0')).toEqual({
      invalid: 'invalid reference format: repository name (library/Nginx) must be lowercase',
    });
  });
});
