// Pictures and files in a note: each is attached to the record at once, so that
// it is safe, and the text refers to it like to any record.
import { html } from '../lib/html.js';
import { entity } from '../lib/meta.js';
import { FILE } from '../lib/names.js';
import { know } from '../lib/refs.js';
import { useLatest } from './basics.js';
import Sendings from './sending.js';

/** What is under way; `onText` takes what is to stand in the text. */
export default function Attach({ about, batch, onText }) {
  const now = useLatest(onText);
  const sent = (file) => {
    know([{ id: file.id, title: file.name, entity: FILE }]);
    now.current(`#[${file.id}]`);
  };
  return html`<ul class="composer-files"><${Sendings} entity=${entity(about.entity)} record=${{ id: about.id }} batch=${batch} onSent=${sent} /></ul>`;
}
