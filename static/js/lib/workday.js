// The day a step is planned for when nobody says another.
import { isoDay, now } from './format.js';

/** So many days from today; a weekend gives way to its Monday. */
export function dayIn(days) {
  const d = now();
  d.setDate(d.getDate() + days);
  if (days && d.getDay() % 6 === 0) d.setDate(d.getDate() + (d.getDay() === 6 ? 2 : 1));
  return isoDay(d);
}
