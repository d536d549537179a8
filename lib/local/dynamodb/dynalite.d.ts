declare module 'dynalite' {
  import type { Server } from 'node:http';

  interface DynaliteOptions {
    /** folder of the LevelDB store; in memory where absent */
    path?: string;
    createTableMs?: number;
  }

  export default function dynalite(options?: DynaliteOptions): Server;
}
