/**
 * Asks a DNS server every ten milliseconds, from one port, until its standard input ends; then prints how many queries were not answered. As
 * resolvers do, it asks once more where nothing came: an answer that is under way while its flow changes over can't be kept.
 */
import { createSocket } from 'node:dgram';
import { decode, encode, RECURSION_DESIRED } from 'dns-packet';

const EVERY_MS = 10;
const AGAIN_MS = 300;

const [, , server = '', name = ''] = process.argv;
const waiting = new Set<number>();
const socket = createSocket('udp4');
let asked = 0;

function ask(id: number): void {
  socket.send(encode({ type: 'query', id, flags: RECURSION_DESIRED, questions: [{ name, type: 'A' }] }));
}

socket.on('message', (message) => waiting.delete(decode(message).id ?? -1));
socket.on('error', () => undefined);
socket.connect(53, server, () => {
  const timer = setInterval(() => {
    asked += 1;
    const id = asked;
    waiting.add(id);
    ask(id);
    setTimeout(() => waiting.has(id) && ask(id), AGAIN_MS);
    if (asked === 10) console.log('asking');
  }, EVERY_MS);
  process.stdin.resume().on('end', () => {
    clearInterval(timer);
    setTimeout(() => {
      console.log(`${waiting.size} of ${asked > 50 ? 'many' : asked} not answered`);
      process.exit();
    }, 3 * AGAIN_MS);
  });
});
