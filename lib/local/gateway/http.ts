/** A request as it comes off the wire. */
export interface GatewayRequest {
  method: string;
  /** path and query as sent, such as `/v1/stagings?status=Running` */
  url: string;
  /** in order, names as sent */
  headers: ReadonlyArray<readonly [string, string]>;
  body: Buffer;
  sourceIp: string;
  httpVersion: string;
}

/** A response as it goes onto the wire. */
export interface GatewayResponse {
  status: number;
  headers: ReadonlyArray<readonly [string, string]>;
  body: Buffer;
}

/** An answer of the gateway's own, in API Gateway's form. */
export const gatewayMessage = (status: number, message: string): GatewayResponse => ({
  status,
  headers: [['content-type', 'application/json']],
  body: Buffer.from(JSON.stringify({ message })),
});
