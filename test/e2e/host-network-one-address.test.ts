import { testChapter } from './host-network-chapter.ts';

/** As on macOS; what is different there beyond that can't be tried here. */
testChapter({
  name: 'a user whose machine has one loopback address',
  user: 'ordinary',
  contained: true,
  env: { SKIFF_ONE_LOOPBACK: '1' },
  hasLoopbackNetwork: false,
});
