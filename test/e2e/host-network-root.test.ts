import { testChapter } from './host-network-chapter.ts';

testChapter({
  name: 'root without capabilities',
  user: 'self',
  contained: true,
  hasLoopbackNetwork: true,
  skip: process.getuid?.() === 0 ? false : 'it wants root to be run by',
});
