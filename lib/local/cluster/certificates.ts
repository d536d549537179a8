import { generate } from 'selfsigned';

export interface ServerCertificate {
  /** PEM */
  key: string;
  certificate: string;
  /** what callers are to trust */
  authority: string;
}

const year = 365 * 24 * 60 * 60 * 1000;

/** A certificate authority of this cluster alone, and a certificate for loopback signed by it. */
export async function makeCertificate(now: number): Promise<ServerCertificate> {
  const validity = { notBeforeDate: new Date(now - year), notAfterDate: new Date(now + 10 * year) };
  const authority = await generate([{ name: 'commonName', value: 'simulated-cluster-ca' }], {
    ...validity,
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const leaf = await generate([{ name: 'commonName', value: 'kube-apiserver' }], {
    ...validity,
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  return { key: leaf.private, certificate: leaf.cert, authority: authority.cert };
}
