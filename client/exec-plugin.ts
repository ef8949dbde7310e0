import { execFile, execFileSync } from 'node:child_process';

/** `exec` of a kubeconfig's user (Kubernetes documentation, "client-go credential plugins"). */
export interface ExecPlugin {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly installHint: string | undefined;
}

export interface ExecCredential {
  readonly token?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Milliseconds since the epoch; absent where it does not expire. */
  readonly expires?: number;
}

/** A token is fetched anew so long before it expires. */
const marginMs = 60_000;

/** Credentials that a program gives; it is run again when they are about to expire. */
export class ExecCredentials {
  readonly #plugin: ExecPlugin;
  #current: ExecCredential;
  #renewing: Promise<ExecCredential> | undefined;

  /** Runs the program. Throws with what it said, and the hint of how to install it where it is missing. */
  constructor(plugin: ExecPlugin) {
    this.#plugin = plugin;
    try {
      this.#current = read(
        execFileSync(plugin.command, [...plugin.args], { ...this.#options, stdio: ['ignore', 'pipe', 'inherit'] }),
        plugin,
      );
    } catch (error) {
      throw explained(plugin, error);
    }
  }

  get first(): ExecCredential {
    return this.#current;
  }

  /** The token of now. */
  async token(): Promise<string> {
    const { expires } = this.#current;
    if (expires !== undefined && Date.now() > expires - marginMs) {
      this.#renewing ??= this.#run().finally(() => {
        this.#renewing = undefined;
      });
      this.#current = await this.#renewing;
    }
    return this.#current.token ?? '';
  }

  get #options(): { encoding: 'utf8'; env: NodeJS.ProcessEnv } {
    const { env, apiVersion } = this.#plugin;
    const info = { apiVersion, kind: 'ExecCredential', spec: { interactive: false } };
    return {
      encoding: 'utf8',
      env: {
        ...process.env,
        ...Object.fromEntries(env.map(({ name, value }) => [name, value])),
        KUBERNETES_EXEC_INFO: JSON.stringify(info),
      },
    };
  }

  #run(): Promise<ExecCredential> {
    const { command, args } = this.#plugin;
    return new Promise((resolve, reject) => {
      execFile(command, [...args], this.#options, (error, stdout) => {
        try {
          if (error) throw error;
          resolve(read(stdout, this.#plugin));
        } catch (cause) {
          reject(explained(this.#plugin, cause));
        }
      });
    });
  }
}

function read(stdout: string, { command }: ExecPlugin): ExecCredential {
  // Checked below, as far as it is used.
  const { status } = JSON.parse(stdout) as {
    status?: { token?: string; clientCertificateData?: string; clientKeyData?: string; expirationTimestamp?: string };
  };
  const { token, clientCertificateData: cert, clientKeyData: key, expirationTimestamp } = status ?? {};
  if (!token && !(cert && key)) throw new Error(`"${command}" gave neither a token nor a certificate with its key`);
  return {
    ...(token && { token }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(expirationTimestamp && { expires: Date.parse(expirationTimestamp) }),
  };
}

function explained({ command, installHint }: ExecPlugin, error: unknown): Error {
  const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
  const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
  const text = isMissing
    ? `the credential plugin "${command}" is not installed`
    : `the credential plugin "${command}" failed: ${why}`;
  return new Error(isMissing && installHint ? `${text}\n${installHint}` : text, { cause: error });
}
