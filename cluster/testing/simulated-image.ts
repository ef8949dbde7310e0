import { emptyConfig, type Image } from '@skiff/node-agent/images/image';

/** What the containers of simulated nodes run from, whatever image they name. */
export function simulatedImage(name: string): Image {
  const filesystem = { type: 'host', id: 'simulated', programs: [] } as const;
  const config = { ...emptyConfig, entrypoint: ['simulated'] };
  return { imageId: `simulated://${name}`, name, source: 'host', filesystem, config };
}
