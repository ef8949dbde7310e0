import { testChapter } from './host-network-chapter.ts';

testChapter({ name: 'an ordinary user', user: 'ordinary', contained: true, hasLoopbackNetwork: true });
