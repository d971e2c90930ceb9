/** Finds actions by what people type, which may well be a question. */

/** Words that questions have and actions do not need. */
const IDLE = new Set(
  "a an and at be been by can cannot could did do does doing for from happen happening happens has have here how i in is it its may not of on or should t that the then there this to was what when where which who why will with would yet now".split(
    " ",
  ),
);

export interface Searched<T> {
  found: T[];
  /** The words asked for that nothing has: those found have all the others, or as many of them as any. */
  missed: string[];
}

/** Those whose text has every word asked for; where there is none, those that have the most of them. */
export function search<T>(items: readonly T[], asked: string, textOf: (item: T) => string): Searched<T> {
  const all = wordsIn(asked);
  const telling = all.filter((w) => !IDLE.has(w));
  const words = telling.length > 0 ? telling : all;
  if (words.length === 0) return { found: [...items], missed: [] };

  const missed = new Set(words);
  const scored = items.map((item) => {
    const text = wordsIn(textOf(item));
    let score = 0;
    for (const word of words) {
      if (text.some((t) => alike(t, word))) {
        score += 1;
        missed.delete(word);
      }
    }
    return { item, score };
  });
  const best = Math.max(0, ...scored.map((s) => s.score));
  const found = best === 0 ? [] : scored.filter((s) => s.score === best).map((s) => s.item);
  return { found, missed: best === words.length ? [] : [...missed] };
}

/** What texts say of their subjects: of each, its first word that neither names a subject nor is numbered. */
export function tellingWords(texts: readonly string[], subjects: readonly string[]): string[] {
  const names = new Set(subjects.flatMap(wordsIn));
  const telling = texts.flatMap((text) => {
    const words = wordsIn(text);
    const word = words.find((w, i) => !isNumber(w) && !IDLE.has(w) && !names.has(w) && !isNumber(words[i + 1]));
    return word ?? [];
  });
  return [...new Set(telling)];
}

function isNumber(text: string | undefined): boolean {
  return /^\d/.test(text ?? "");
}

function wordsIn(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? [];
}

/** A number is itself alone; any other word may be begun, or end in another way: `voting` finds `votes`. */
function alike(word: string, asked: string): boolean {
  if (/^\d/.test(asked)) return word === asked;
  return word.startsWith(asked) || (asked.length > 3 && word.startsWith(stemOf(asked)));
}

function stemOf(word: string): string {
  const stem = word.replace(/(ing|ed|es|s|e)$/, "");
  return stem.length > 2 ? stem : word;
}
