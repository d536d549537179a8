import { EndingError } from './errors.ts';

/** The blueprint with these values comes to nothing that can be applied. The message begins with `Kind/name: ` where one object is concerned. */
export class RenderFailed extends EndingError {
  override readonly name = 'RenderFailed';
}
