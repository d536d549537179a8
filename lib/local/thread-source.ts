import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';

/**
 * A thread's module without its types, as a URL to start the thread from. Node could strip them itself, but then every
 * thread would hold the compiler, some 10 MB each. Such a module can import what comes with Node, and nothing else.
 */
export const threadSource = (module: URL): URL =>
  new URL(`data:text/javascript,${encodeURIComponent(stripTypeScriptTypes(readFileSync(module, 'utf8')))}`);
