import http from 'node:http';

/** What the built-in my-app-image says of itself and of who asked. */
export interface Greeting {
  readonly pod: string;
  readonly namespace: string;
  readonly node: string;
  readonly address: string;
  readonly client: string;
}

/** Asks my-app-image on a connection of its own. Rejects where nobody answers. */
export function greet(url: string): Promise<Greeting> {
  return new Promise((resolve, reject) => {
    const headers = { accept: 'application/json', connection: 'close' };
    const request = http.get(url, { agent: false, headers, timeout: 5000 }, (response) => {
      response.setEncoding('utf8');
      let text = '';
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject);
      // Said by the program in node-agent/programs.
      response.on('end', () => resolve(JSON.parse(text) as Greeting));
    });
    request.on('timeout', () => request.destroy(new Error(`${url} did not answer within 5 s`)));
    request.on('error', reject);
  });
}

/** The different values of a field in so many answers, sorted. */
export async function seen(url: string, field: keyof Greeting, requests: number): Promise<string[]> {
  const greetings = [];
  for (let i = 0; i < requests; i += 1) greetings.push(await greet(url));
  return [...new Set(greetings.map((greeting) => greeting[field]))].sort();
}
