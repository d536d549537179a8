interface About {
  url: string;
  dataDir: string;
  logFile: string;
  /** kubectl's path and the arguments that point it at the cluster */
  kubectl: readonly string[];
}

/** What a person needs to go on: shown by `npm start` and at `/`. */
export const welcome = ({ url, dataDir, logFile, kubectl }: About): string => `Berth runs on this machine.

  API         ${url}/v1
  deploy      curl -X PUT ${url}/v1/stagings/demo -H 'content-type: application/json' -d '{"blueprint": "hello"}'
  look        curl ${url}/v1/stagings/demo
  open        http://demo.staging.localhost:${new URL(url).port}/
  description ${url}/v1/openapi.json

  data        ${dataDir}
  functions   ${logFile}
  cluster     ${kubectl.join(' ')} get pods --all-namespaces
  time        curl -X POST ${url}/_local/clock -d '{"advance": "3d"}'
`;
