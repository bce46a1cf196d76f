// Asks a gateway the same question through every door of openai-node, with
// resume and cancel, and prints what came as one JSON object on stdout:
//   node openai-node.mjs BASE_URL STAFF_KEY QUESTION SLOW_QUESTION
// SLOW_QUESTION is one whose answer takes long enough to be cut off.
import OpenAI from 'openai';
import { ResponsesWS } from 'openai/resources/responses/ws';

const [baseURL, apiKey, question, slowQuestion] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const textOf = (response) => response.output.flatMap((o) => o.content ?? []).map((c) => c.text ?? '').join('');
const result = {};

// POST as JSON.
const created = await client.responses.create({ model: 'bedside', input: question });
result.json = { text: created.output_text, citations: created.output[0].content[0].annotations.length, outcome: created.metadata.outcome };

// POST as a stream, through the helper that checks the order of the events.
const stream = client.responses.stream({ model: 'bedside', input: question });
let deltas = '';
stream.on('response.output_text.delta', (event) => { deltas += event.delta; });
const final = await stream.finalResponse();
result.stream = { text: final.output_text, deltas, status: final.status };

// The same response again, from a point in its middle.
const numbers = [];
const resumed = client.responses.stream({ response_id: final.id, starting_after: 5 });
resumed.on('event', (event) => numbers.push(event.sequence_number));
const again = await resumed.finalResponse();
result.resume = { text: again.output_text, first: Math.min(...numbers) };
const raw = [];
for await (const event of await client.responses.retrieve(final.id, { stream: true, starting_after: 5 })) raw.push(event.sequence_number);
result.startingAfter = { first: raw[0], rising: raw.every((n, i) => i === 0 || n > raw[i - 1]) };
result.retrieved = textOf(await client.responses.retrieve(final.id));

// Cancel in mid-answer.
const running = await client.responses.create({ model: 'bedside', input: slowQuestion, stream: true });
let cancelled;
for await (const event of running) {
  if (event.type === 'response.in_progress') cancelled = await client.responses.cancel(event.response.id);
  result.cancelLast = event.type;
}
result.cancel = { status: cancelled.status, reason: cancelled.incomplete_details?.reason };

// WebSocket.
result.websocket = await new Promise((resolve, reject) => {
  const socket = new ResponsesWS(client);
  const types = new Set();
  socket.on('error', reject);
  socket.on('event', (event) => {
    types.add(event.type);
    if (event.type === 'response.completed') {
      socket.close();
      resolve({ text: textOf(event.response), extensions: [...types].filter((t) => t.startsWith('bedside:')) });
    }
  });
  socket.send({ type: 'response.create', model: 'bedside', input: question });
});

// Chat completions: JSON and stream.
const messages = [{ role: 'system', content: 'Answer in pirate language.' }, { role: 'user', content: question }];
const chat = await client.chat.completions.create({ model: 'gpt-4o', messages });
result.chat = { text: chat.choices[0].message.content, finish: chat.choices[0].finish_reason, model: chat.model };
let chunks = '';
for await (const chunk of await client.chat.completions.create({ model: 'bedside', messages, stream: true })) chunks += chunk.choices[0]?.delta?.content ?? '';
result.chatStream = chunks;
result.models = (await client.models.list()).data.map((m) => m.id);

console.log(JSON.stringify(result));
