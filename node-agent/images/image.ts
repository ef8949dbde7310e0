import type { RootFilesystem } from '../runtime/runtime.ts';

/** What an image says about the program in it, as in the configuration of an OCI image. */
export interface ImageConfig {
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /**
   * Variables that a built-in image is given about its Pod, by field path as in a `fieldRef`; those that the Pod sets itself win.
   */
  readonly fieldEnv: Readonly<Record<string, string>>;
  readonly workingDir: string;
  /** `UID`, `UID:GID` or a name of the image's own /etc/passwd; empty for root. */
  readonly user: string;
  /** `8080/tcp` */
  readonly exposedPorts: readonly string[];
}

/** An image that containers can run from. */
export interface Image {
  /** As in a container's status: `imageID`. */
  readonly imageId: string;
  /** The whole name, with registry and tag. */
  readonly name: string;
  readonly source: 'built-in' | 'loaded' | 'host';
  readonly filesystem: RootFilesystem;
  readonly config: ImageConfig;
  /** To be told in a Warning event: what runs is not what the name says. */
  readonly warning?: string;
}

/** Why an image can't be had; `reason` and `message` are those of a waiting container. */
export class ImageError extends Error {
  override readonly name = 'ImageError';
  readonly reason: 'ErrImagePull' | 'ErrImageNeverPull' | 'InvalidImageName';

  constructor(reason: ImageError['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

/** The PATH that images have unless they say otherwise. */
export const imagePath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export const emptyConfig: ImageConfig = {
  entrypoint: [],
  cmd: [],
  env: { PATH: imagePath },
  fieldEnv: {},
  workingDir: '/',
  user: '',
  exposedPorts: [],
};

/**
 * What runs: a container's `command` replaces the image's entrypoint and its cmd, `args` replace the cmd alone
 * (Kubernetes: "Define a Command and Arguments for a Container"). Empty where nothing says what to run.
 */
export function programOf(
  config: Pick<ImageConfig, 'entrypoint' | 'cmd'>,
  container: { readonly command?: readonly string[] | undefined; readonly args?: readonly string[] | undefined },
): string[] {
  const { command = [], args = [] } = container;
  if (command.length > 0) return [...command, ...args];
  return [...config.entrypoint, ...(args.length > 0 ? args : config.cmd)];
}
