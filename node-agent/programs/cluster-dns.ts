/** The built-in image `cluster-dns`: the cluster's DNS server, in a Pod. Its configuration is a Corefile, `-conf FILE`, as CoreDNS'. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { parseArgs } from 'node:util';

enableCompileCache();

const { inClusterConfig } = await import('@skiff/client/config');
const { ClusterDns } = await import('../dns/cluster-dns.ts');
const { CorefileError } = await import('../dns/corefile.ts');
const { defaultSettings, settingsOf } = await import('../dns/settings.ts');

/** How often the Corefile is looked at: a ConfigMap reaches a Pod's volume without a signal. */
const RELOAD_MS = 1000;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const sum = (text: string): string => createHash('sha512').update(text).digest('hex');

// CoreDNS takes its flag with one dash.
const args = process.argv.slice(2).map((arg) => (arg === '-conf' ? '--conf' : arg));
const { conf } = parseArgs({ args, options: { conf: { type: 'string' } } }).values;
let corefile = conf === undefined ? '' : readFileSync(conf, 'utf8');
let settings = defaultSettings;
try {
  if (conf !== undefined) settings = settingsOf(corefile);
} catch (error) {
  if (!(error instanceof CorefileError)) throw error;
  say(error.message);
  process.exit(1);
}

const dns = new ClusterDns({
  client: { ...inClusterConfig(), userAgent: 'cluster-dns' },
  settings,
  address: '0.0.0.0',
  ports: { dns: 53, ready: 8181, health: 8080 },
  log: say,
});

process.once('SIGTERM', () => {
  say('[INFO] SIGTERM: Shutting down servers then terminating');
  dns.drain();
  // So long it still answers those who have not heard yet that it ends.
  setTimeout(() => process.exit(0), settings.lameduckMs);
});

await dns.start();
say('.:53');
if (conf !== undefined) {
  say(`[INFO] plugin/reload: Running configuration SHA512 = ${sum(corefile)}`);
  setInterval(() => reload(conf), RELOAD_MS);
}

function reload(path: string): void {
  try {
    const text = readFileSync(path, 'utf8');
    if (text === corefile) return;
    corefile = text;
    say('[INFO] Reloading');
    settings = settingsOf(text);
    dns.configure(settings);
    say(`[INFO] plugin/reload: Running configuration SHA512 = ${sum(text)}`);
    say('[INFO] Reloading complete');
  } catch (error) {
    // What was answered before goes on being answered.
    say(`[ERROR] Restart failed: ${error instanceof Error ? error.message : error}`);
  }
}
