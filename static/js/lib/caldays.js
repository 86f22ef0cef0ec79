// Days and times of a calendar in the reader's zone. Places on a day follow the
// clock on the wall, so that both days of the daylight change look like any other;
// lengths are real minutes.
import { isoDay, parse, zoned } from './format.js';

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
/** A day and a minute of the wall clock as the server takes it. */
export const wallTime = (day, minute) => zoned(`${day}T${pad(Math.floor(minute / 60))}:${pad(minute % 60)}`);
/** Days from one on. */
export const daysFrom = (day, n) => Array.from({ length: n }, (_, i) => dayPlus(day, i));

const LEAST = 15;
/** What has no duration is drawn as so many minutes. */
export const USUAL = 30;

/** An activity with its place: { r, day, all } of a day without a time, else { r, day, start, end, from, to } with minutes of its day. */
export function placed(r) {
  if (r.due.length === 10) return { r, day: r.due, all: true };
  const start = parse(r.due);
  const end = new Date(start.getTime() + Math.max(LEAST, r.duration || USUAL) * 6e4);
  const day = isoDay(start);
  const from = wallMinute(start);
  const to = isoDay(end) === day ? Math.max(from + LEAST, wallMinute(end)) : 1440;
  return { r, day, start, end, from, to };
}

/** Gives those that overlap lanes beside each other: adds { lane, of }. */
export function lanes(events) {
  const out = [];
  let group = [];
  let end = -1;
  const flush = () => { const of = Math.max(0, ...group.map((g) => g.lane)) + 1; out.push(...group.map((g) => ({ ...g, of }))); group = []; };
  for (const e of [...events].sort((a, b) => a.from - b.from || b.to - a.to)) {
    if (e.from >= end) { flush(); end = -1; }
    const taken = group.filter((g) => g.to > e.from).map((g) => g.lane);
    let lane = 0;
    while (taken.includes(lane)) lane += 1;
    group.push({ ...e, lane });
    end = Math.max(end, e.to);
  }
  flush();
  return out;
}
