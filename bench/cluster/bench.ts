import { runSections } from '../run-sections.ts';
import { deploys } from './deploys.ts';
import { failures } from './failures.ts';
import { memory } from './memory.ts';
import { requests } from './requests.ts';
import { teardown } from './teardown.ts';

/** `npm run bench:cluster [-- SECTION…]`: the figures that need a real control plane. */
await runSections({ deploys, failures, teardown, requests, memory });
