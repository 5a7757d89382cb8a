/**
 * Chats and topics, each in the shape that its documentation asks for: ntfy (docs.ntfy.sh/publish), Telegram (Bot API, sendMessage), Matrix
 * (client-server API, PUT …/send/m.room.message/{txnId}), Discord (Execute Webhook) and Slack (incoming webhooks; Mattermost takes the same).
 */
import { type Parcel, send } from "../post.ts";
import { cut, plain, type Way } from "./way.ts";

const json = (body: object, headers: Readonly<Record<string, string>> = {}): Parcel => ({
  headers: { "content-type": "application/json; charset=utf-8", ...headers },
  body: JSON.stringify(body),
});

/** ntfy makes a file of what is longer than 4,096 bytes; letters of our languages have two at most. */
const postMost = 2000;
/** Plain text with its title in a header, which many bridges take. */
export const postWay: Way = ({ address, text, isUrgent }, ending) =>
  send(
    address,
    {
      // A header holds no letters beyond Latin-1; ntfy reads RFC 2047.
      headers: {
        "content-type": "text/plain; charset=utf-8",
        title: encodedWord(text.title),
        ...(isUrgent ? { priority: "high" } : {}),
      },
      body: cut(text.lines.join("\n"), postMost),
    },
    ending,
  );

/** `address`: the number of a chat in which the space's bot was spoken to. */
export const telegramWay =
  ({ url, token }: { readonly url: string; readonly token: string }): Way =>
  async ({ address, text, isUrgent }, ending) => {
    const body = { chat_id: address, text: cut(plain(text), 4096), disable_notification: !isUrgent };
    const { problem, status } = await send(`${url}/bot${token}/sendMessage`, json(body), ending);
    // 403: the member has blocked the bot, or has left the group.
    return { problem: status === 403 ? "the chat does not let the space's bot in" : problem };
  };

/** `address`: a room that the space's account has joined. The transaction's number makes a second attempt the same message. */
export const matrixWay =
  ({ url, token }: { readonly url: string; readonly token: string }): Way =>
  ({ address, text, id }, ending) =>
    send(
      `${url}/_matrix/client/v3/rooms/${encodeURIComponent(address)}/send/m.room.message/${encodeURIComponent(id)}`,
      { ...json({ msgtype: "m.text", body: cut(plain(text), 4000) }, { authorization: `Bearer ${token}` }), method: "PUT" },
      ending,
    );

/** A label of a machine may read @everyone: nobody is mentioned. */
export const discordWay: Way = async ({ address, text }, ending) => {
  const body = { content: cut(plain(text), 2000), allowed_mentions: { parse: [] } };
  return gone(await send(address, json(body), ending));
};

export const slackWay: Way = async ({ address, text }, ending) => {
  const escaped = plain(text).replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign] ?? sign);
  return gone(await send(address, json({ text: cut(escaped, 4000) }), ending));
};

/** A webhook that was removed there. */
const gone = ({ problem, status }: { readonly problem: string | null; readonly status: number | null }) => ({
  problem,
  isGone: status === 404 || status === 410,
});

/** RFC 2047 §2, in pieces of at most 75 characters; plain letters stay as they are. */
function encodedWord(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  const pieces: string[] = [];
  let piece = "";
  for (const letter of text) {
    if (Buffer.byteLength(piece + letter) > 45) {
      pieces.push(piece);
      piece = "";
    }
    piece += letter;
  }
  return [...pieces, piece].map((part) => `=?UTF-8?B?${Buffer.from(part).toString("base64")}?=`).join(" ");
}
