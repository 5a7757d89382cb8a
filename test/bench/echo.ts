/** What the floors answer to a request: its nonce and as many bytes as our sealed answer has. */
const filler = "x".repeat(900);

export function echoOf(request: Buffer | string): { readonly topic: string; readonly payload: Buffer } {
  const { body, src } = JSON.parse(request.toString()) as { body: { nonce: string }; src: string };
  return { topic: `koprade/1/bench/n/${src}/res`, payload: Buffer.from(JSON.stringify({ nonce: body.nonce, filler })) };
}
