// The calendar library, loaded with the first calendar; the one place that knows where it lies.
import { asset } from './html.js';

let there = null;

function fetchBoth() {
  const style = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: asset('vendor/event-calendar/event-calendar.css') });
  const script = Object.assign(document.createElement('script'), { src: asset('vendor/event-calendar/event-calendar.js') });
  const done = (el) => new Promise((good, bad) => { el.onload = good; el.onerror = () => { el.remove(); bad(new Error('offline')); }; });
  const both = Promise.all([done(style), done(script)]);
  document.head.prepend(style); /* ours come after it */
  document.head.append(script);
  return both.then(() => globalThis.EventCalendar);
}

/** Resolves to the library: { create(element, options), destroy(calendar) }. */
export function eventCalendar() {
  there ??= fetchBoth().catch((e) => { there = null; throw e; });
  return there;
}
