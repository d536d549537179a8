import { bundles } from './bundles.ts';
import { deploys, failures } from './deploy.ts';
import { load } from './load.ts';
import { putLatency } from './put-latency.ts';
import { runSections } from './run-sections.ts';

/** `npm run bench [-- SECTION…]`: prints the tables of docs/benchmarks.md. */
await runSections({ putLatency, deploys, failures, bundles, load });
