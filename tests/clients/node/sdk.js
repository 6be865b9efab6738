'use strict';
// Makes calls with the vendor's own clients for a test: one call a line comes in, one answer a line goes out, both JSON.
// The clients log to standard output as well, so an answer has a word of its own before it.

const readline = require('node:readline');
const { ClientBuilder } = require('@huaweicloud/huaweicloud-sdk-core/ClientBuilder');
const { BasicCredentials, GlobalCredentials, Region } = require('@huaweicloud/huaweicloud-sdk-core');
const { IamClient } = require('@huaweicloud/huaweicloud-sdk-iam/v3/IamClient');

const kinds = { basic: BasicCredentials, global: GlobalCredentials };

/** No credentials in the call: the client takes them from the environment, as it does for everybody. */
function build(builder, { endpoint, region, credentials }) {
  if (region) builder.withRegion(new Region(region, endpoint));
  else builder.withEndpoint(endpoint);
  if (credentials) builder.withCredential(new kinds[credentials.kind](credentials));
  return builder.build();
}

/** With a method, one of the IAM client's; else whatever the core client is told to send. */
function send(call) {
  return call.method
    ? build(IamClient.newBuilder(), call)[call.method](call.argument)
    : build(new ClientBuilder(http => http), call).sendRequest(call.request);
}

async function plain(result) {
  if (typeof result.pipe === 'function') {
    const pieces = [];
    for await (const piece of result) pieces.push(piece);
    return { kind: 'stream', status: result.httpStatusCode, bytes: Buffer.concat(pieces).toString('base64') };
  }
  if (Buffer.isBuffer(result)) return { kind: 'buffer', status: result.httpStatusCode, bytes: result.toString('base64') };
  return { kind: result.constructor.name, status: result.httpStatusCode, value: result };
}

async function answer(call) {
  try {
    return await plain(await send(call));
  } catch (error) {
    return { kind: error.constructor.name, status: error.httpStatusCode, error: { message: error.message, ...error } };
  }
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin }))
    console.log(`answer ${JSON.stringify(await answer(JSON.parse(line)))}`);
}

main();
