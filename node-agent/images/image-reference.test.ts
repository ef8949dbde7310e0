import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatImageReference, parseImageReference } from './image-reference.ts';

const digest = `sha256:${'0'.repeat(64)}`;

test('image names are completed as Docker does', () => {
  const names = {
    busybox: 'docker.io/library/busybox:latest',
    'my-app-image:1.2': 'docker.io/library/my-app-image:1.2',
    'team/app': 'docker.io/team/app:latest',
    'localhost/app:1': 'localhost/app:1',
    'registry.k8s.io/pause:3.9': 'registry.k8s.io/pause:3.9',
    'localhost:5000/a/b': 'localhost:5000/a/b:latest',
    'host.example:5000/app:2': 'host.example:5000/app:2',
    [`app@${digest}`]: `docker.io/library/app@${digest}`,
    [`app:1@${digest}`]: `docker.io/library/app:1@${digest}`,
    'docker.io/app': 'docker.io/library/app:latest',
  };
  for (const [given, whole] of Object.entries(names)) {
    const reference = parseImageReference(given);
    assert.equal(reference && formatImageReference(reference), whole, given);
  }
});

test('what is no image name is refused', () => {
  for (const text of ['', 'UPPER', 'a b', ':1', 'app:', 'app@sha256:12', '/app', 'app/', 'a//b', 'http://a/b']) {
    assert.equal(parseImageReference(text), undefined, text);
  }
});
