// Runs @copilotkit/aimock, a mock of the OpenAI API, as the model of a gateway. It
// prints its address on stdout and ends when stdin does:
//   node aimock.mjs
// What it does is told by the question: "(fault)" at its end names one of FAULTS;
// any other question is answered from the prompt's passages, each first sentence
// cited. GET /count on the second address that it prints says how often it was asked.
import { LLMock } from '@copilotkit/aimock';
import http from 'node:http';

const honest = (request) => {
  const prompt = request.messages.at(-1).content;
  const blocks = [...prompt.matchAll(/^\[(\d+)\] (.*)$/gm)].slice(0, 3);
  return blocks.map(([, number, text]) => text.match(/^.*?[.!?](?=\s|$)/)[0].replace(/([.!?])$/, ` [${number}]$1`)).join(' ');
};

const FAULTS = {
  'limit': [{ error: { message: 'Rate limit reached', type: 'rate_limit_error' }, status: 429 }],
  'away': [{ error: { message: 'overloaded', type: 'server_error' }, status: 503 }],
  'refused': [{ error: { message: 'Incorrect API key provided', type: 'invalid_request_error' }, status: 401 }],
  'empty': [{ content: '' }],
  'cut': [(request) => ({ content: honest(request) }), { truncateAfterChunks: 20, latency: 5 }],
  'malformed': [(request) => ({ content: honest(request) }), { chaos: { malformedRate: 1 } }],
  'disconnect': [(request) => ({ content: honest(request) }), { chaos: { disconnectRate: 1 } }],
};

const mock = new LLMock({ port: 0, host: '127.0.0.1', chunkSize: 8, logLevel: 'silent' });
for (const [fault, [response, options]] of Object.entries(FAULTS)) mock.onMessage(`(${fault})`, response, options);
mock.onMessage(/[^]/, (request) => ({ content: honest(request) }));
await mock.start();

const counter = http.createServer((_, response) => response.end(String(mock.getRequests().length)));
counter.listen(0, '127.0.0.1', () => console.log(`${mock.url} http://127.0.0.1:${counter.address().port}`));
process.stdin.resume().on('end', async () => {
  counter.close();
  await mock.stop();
  process.exit(0);
});
