// What was typed and not saved yet. It stays on this device, for who typed it,
// over reloads, lost connections and a browser that was put away.
const KEY = 'kontor.draft.';
const WHOSE = 'kontor.drafts';
const KEPT_MS = 90 * 86400000;

const stored = (run, otherwise) => { try { return run(localStorage); } catch { return otherwise; } }; /* storage is off, or full */
const parsed = (text) => { try { return JSON.parse(text); } catch { return null; } };

/** What a user left under a name, or null. */
export const draftOf = (user, name) => stored((s) => parsed(s.getItem(`${KEY}${user}.${name}`))?.left ?? null, null);

/** Keeps it with a title and the address where it goes on; nothing: it is done with. */
export function keepDraft(user, name, left, about = {}) {
  const at = `${KEY}${user}.${name}`;
  stored((s) => (left ? s.setItem(at, JSON.stringify({ ...about, left, at: Date.now() })) : s.removeItem(at)));
  stored((s) => s.setItem(WHOSE, user));
}

/** Nobody works here any more: what is kept is shown to nobody until he is back. */
export const hideDrafts = () => stored((s) => s.removeItem(WHOSE));

/** All that the last user of this device left, the newest first: [{ name, title, path, left, at }]. What is very old goes. */
export function allDrafts() {
  return stored((s) => {
    const mine = `${KEY}${s.getItem(WHOSE)}.`;
    const found = Object.keys(s).filter((k) => k.startsWith(KEY)).map((k) => ({ k, ...parsed(s.getItem(k)) }));
    found.filter((d) => !(Date.now() - d.at < KEPT_MS)).forEach((d) => s.removeItem(d.k));
    return found.filter((d) => d.k.startsWith(mine) && Date.now() - d.at < KEPT_MS).map(({ k, ...d }) => ({ ...d, name: k.slice(mine.length) })).sort((a, b) => b.at - a.at);
  }, []);
}
