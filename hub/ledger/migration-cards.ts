/** The last counter of every card whose chip counts its taps, and which node told it: a card opens by each count once (security.md R41). */
export const cardCounterTable = `
CREATE TABLE card_counters (
  card_key TEXT PRIMARY KEY, counter INTEGER NOT NULL, node TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`;
