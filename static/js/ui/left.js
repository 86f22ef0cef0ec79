// Said beside what was done: of a series, those that are somebody else's stayed as they are.
import { toast } from '../lib/toast.js';
import { tn } from '../lib/i18n.js';

export default function left(n) {
  toast(tn('{n} of this series is a colleague’s and stays as it is', '{n} of this series are colleagues’ and stay as they are', n), { lasting: true });
}
