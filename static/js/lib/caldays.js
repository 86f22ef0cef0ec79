// Days and times of a calendar in the reader's zone. Places on a day follow the
// clock on the wall, so that both days of the daylight change look like any other;
// lengths are real minutes.
import { isoDay, myZone, parse, zoned, zoneOf } from './format.js';

const pad = (n) => String(n).padStart(2, '0');

/** A day "2026-11-21" some days on. */
export function dayPlus(day, n) { const d = parse(day); d.setDate(d.getDate() + n); return isoDay(d); }
/** The Monday of a day's week. */
export const monday = (day) => dayPlus(day, -((parse(day).getDay() + 6) % 7));
/** The first of a day's month, some months on. */
export function monthFirst(day, n = 0) { const d = parse(day); return isoDay(new Date(d.getFullYear(), d.getMonth() + n, 1, 12)); }
/** The moment a day begins here. */
export const dayStart = (day) => { const d = parse(day); d.setHours(0, 0, 0, 0); return d; };
/** Minutes on the wall clock. */
export const wallMinute = (d) => d.getHours() * 60 + d.getMinutes();
/** The wall clock as text "2026-11-21T14:05". */
export const wall = (d) => `${isoDay(d)}T${pad(d.getHours())}:${pad(d.getMinutes())}`;
/** The moment of a minute of a day here. */
export function momentAt(day, minute) { const d = dayStart(day); d.setHours(0, minute); return d; }
/** Days from one on. */
export const daysFrom = (day, n) => Array.from({ length: n }, (_, i) => dayPlus(day, i));

/** The wall clock of a zone as text. */
export const inZone = (d, zone) => new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' }).format(d).replace(' ', 'T');

/** A wall time of another zone with how far it is from UTC: "2026-11-21T08:05-05:00". */
function withOffset(d, text) {
  const min = Math.round((Date.parse(`${text}Z`) - d) / 6e4);
  return `${text}:00${min < 0 ? '-' : '+'}${pad(Math.floor(Math.abs(min) / 60))}:${pad(Math.abs(min) % 60)}`;
}

/** The moment of a wall time of another zone. */
function momentIn(text, zone) {
  const utc = Date.parse(`${text}Z`);
  const shift = (d) => new Date(utc - (Date.parse(`${inZone(d, zone)}Z`) - d));
  return shift(shift(new Date(utc)));
}

/** A moment as the server takes it, in the zone that the time `before` was agreed on in, else in this one. The same time on another
 * day is that of its own zone: both need not change their clocks on the same night. */
export function dueAt(d, before) {
  const zone = before?.match(/\[(.*)\]/)?.[1];
  if (!zone || zone === myZone()) return zoned(wall(d));
  const was = parse(before);
  const days = Math.round((dayStart(isoDay(d)) - dayStart(isoDay(was))) / 864e5);
  const at = wallMinute(d) === wallMinute(was) ? momentIn(`${dayPlus(before.slice(0, 10), days)}${before.slice(10, 16)}`, zone) : d;
  return `${withOffset(at, inZone(at, zone))}[${zone}]`;
}

const LEAST = 15;
/** What has no duration is drawn as so many minutes. */
export const USUAL = 30;
/** Minutes the longest may last, see the field; in days. */
export const LONGEST_DAYS = 70;

/** An activity with its place: { r, day, last, all } of a day without a time, else { r, day, last, start, end, from } with the minute it begins at. */
export function placed(r) {
  if (r.due.length === 10) return { r, day: r.due, last: dayPlus(r.due, Math.max(1, Math.ceil((r.duration || 0) / 1440)) - 1), all: true };
  const start = parse(r.due);
  const end = new Date(start.getTime() + Math.max(LEAST, r.duration || USUAL) * 6e4);
  return { r, day: isoDay(start), last: isoDay(new Date(end - 1)), start, end, from: wallMinute(start) };
}

/** Does something placed reach into a day? */
export const covers = (x, day) => x.day <= day && day <= x.last;

/** What a new one asks for besides the usual fields. */
export const MEETING = { ask: ['participants', 'place'], first: 'subject' };

/** The time where it was agreed on, "08:00 New York", if that is not here. */
export const elsewhere = (due) => (due.length > 10 && zoneOf(due) ? `${due.slice(11, 16)} ${zoneOf(due)}` : '');
