// A write that failed is run again with the next step that the server wants with it.
import { ACTIVITY } from './names.js';
import { planning, touch } from './records.js';

/** What the server says of that step. */
const wanting = (bad) => bad.status === 422 && bad.fields?.find((f) => /\.then\b/.test(f.where));

const ask = (needed, step) => new Promise((answer) => { planning.value = { needed, step, answer: (s) => { planning.value = null; answer(s); } }; });

/** Asks until it is in order or somebody thinks better of it; `run` gets the step and whose it is. */
export async function again(run, bad) {
  for (let step = null; ;) {
    const why = wanting(bad);
    if (!why) throw bad;
    step = await ask(why.text, step);
    if (!step) throw { left: true, fields: [] }; /* not an error */
    try {
      const answer = await run({ then: [step] }, why.where.split('.')[0]);
      setTimeout(touch, 0, ACTIVITY); /* once who asked has done what follows */
      return answer;
    } catch (worse) { bad = worse; }
  }
}
