declare module 'dynalite' {
  import type { Server } from 'node:http';

  interface DynaliteOptions {
    /** folder of the LevelDB store; in memory where absent */
    path?: string;
    createTableMs?: number;
  }

  export default function dynalite(options?: DynaliteOptions): Server;
}

declare module 'dynalite/db/index.js' {
  interface IndexPut {
    index: string;
    key: string;
    item: unknown;
  }

  /** What an index holds for an item. */
  export function getIndexActions(
    indexes: readonly unknown[],
    existingItem: undefined,
    item: unknown,
    table: unknown,
  ): { puts: IndexPut[] };
}
