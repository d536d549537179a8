/** An error of the API: `type` is what the SDK makes its exception of. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  readonly type: string;
  readonly status: number;
  constructor(type: string, message: string, status = 400) {
    super(message);
    this.type = type;
    this.status = status;
  }
}
