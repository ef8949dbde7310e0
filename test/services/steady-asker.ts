/** Asks a DNS server every ten milliseconds, from one port, until its standard input ends; then prints how many queries were not answered. */
import { createSocket } from 'node:dgram';
import { decode, encode, RECURSION_DESIRED } from 'dns-packet';

const [, , server = '', name = ''] = process.argv;
const waiting = new Set<number>();
const socket = createSocket('udp4');
let asked = 0;

socket.on('message', (message) => waiting.delete(decode(message).id ?? -1));
socket.on('error', () => undefined);
socket.connect(53, server, () => {
  const timer = setInterval(() => {
    asked += 1;
    waiting.add(asked);
    socket.send(encode({ type: 'query', id: asked, flags: RECURSION_DESIRED, questions: [{ name, type: 'A' }] }));
    if (asked === 10) console.log('asking');
  }, 10);
  process.stdin.resume().on('end', () => {
    clearInterval(timer);
    setTimeout(() => {
      console.log(`${waiting.size} of ${asked > 50 ? 'many' : asked} not answered`);
      process.exit();
    }, 500);
  });
});
