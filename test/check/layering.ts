import type { ProjectFile } from './project-files.ts';

/** Which parts each part may import beside itself (ARCHITECTURE.md, "Who may import whom"). */
const allowed: Readonly<Record<string, readonly string[]>> = {
  api: [],
  client: ['api'],
  apiserver: ['api'],
  controllers: ['api', 'client'],
  'node-agent': ['api', 'client'],
  cluster: ['api', 'client', 'apiserver', 'controllers', 'node-agent'],
  test: ['api', 'client', 'apiserver', 'controllers', 'node-agent', 'cluster'],
};

const imports = /(?:from|import\()\s*'(@skiff\/([^/']+)[^']*|\.\.?\/[^']*)'/g;

/** A line for each import that the layering forbids; storage knows neither express nor ws. */
export function layering(files: readonly ProjectFile[]): string[] {
  return files.flatMap(({ path, text }) => {
    const part = path.split('/')[0] ?? '';
    const faults: string[] = [];
    for (const [, target = '', other] of text.matchAll(imports)) {
      if (other && other !== part && !allowed[part]?.includes(other)) {
        faults.push(`${path}: "${part}" may not import ${target}`);
      }
      const depth = path.split('/').length - 1;
      if (target.startsWith('../'.repeat(depth)))
        faults.push(`${path}: ${target} leaves its workspace; import @skiff/... instead`);
    }
    if (path.startsWith('apiserver/storage/') && /from '(express|ws)'/.test(text)) {
      faults.push(`${path}: storage may not know express or ws`);
    }
    return faults;
  });
}
