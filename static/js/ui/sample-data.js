// On the home page: these are sample data, and the way to be rid of them.
import { html, useState } from '../lib/html.js';
import { post } from '../lib/api.js';
import { entities } from '../lib/meta.js';
import { explain, touch } from '../lib/records.js';
import { toast } from '../lib/toast.js';
import { t } from '../lib/i18n.js';
import { Notice } from './basics.js';

/** Sample data are said to be such, and taken back in one step. */
export default function Sample({ sets }) {
  const [busy, setBusy] = useState(false);
  const drop = async () => {
    setBusy(true);
    try {
      for (const c of sets) await post(`/changes/${c.id}/undo`);
      toast(t('The sample data are removed'));
    } catch (bad) { toast(explain(bad), { bad: true }); }
    setBusy(false);
    entities().forEach((e) => touch(e.name));
  };
  return html`<${Notice} tone="info" icon="flask-conical"><span class="row wrap"><span class="grow">${t('These are sample data, to try things out with.')}</span>
    <button type="button" class="btn btn-sm" aria-disabled=${busy} onClick=${drop}>${t('Remove the sample data')}</button></span><//>`;
}
