// The one map of named exceptions: everything else treats entities alike.
import { key } from './i18n.js';

/** Entities the composer and the home page write to. */
export const NOTE = 'note';
/** Tasks, calls and meetings. */
export const ACTIVITY = 'activity';
/** The people who may sign in. */
export const USER = 'user';
/** What they belong to. */
export const TEAM = 'team';
/** What they save of lists. */
export const VIEW = 'view';

/** What is attached to records. */
export const FILE = 'file';

/** That one record is shown to one more user. */
export const SHARE = 'share';

/** Words that records are marked with. */
export const TAG = 'tag';

/** Fields of an activity: when it is to be done, and when it was. */
export const DUE = 'due';
export const DONE = 'done_at';

/** Entities with a view of their own instead of list and record page. */
export const SPECIAL_VIEWS = { user: 'people', tag: 'tags' };

/** Field that holds why something was lost, asked for by the board. */
export const LOST_REASON = 'lost_reason';
/** Fields that follow from a move through a pipeline. */
export const MOVED_ALONG = [LOST_REASON, 'percent', 'competitor', 'lost_note', 'lost_from'];
/** Asked for beside the reason where the stage does not say what is. */
export const LOST_ASKED = ['competitor', 'lost_note'];
/** Field with the stage in which something was lost, by its id. */
export const LOST_FROM = 'lost_from';

/** Icon and word for what can stand in a timeline. */
export const KINDS = {
  note: ['sticky-note', key('Note')],
  task: ['circle-check', key('Task')],
  call: ['phone', key('Call')],
  meeting: ['users', key('Meeting')],
  email: ['mail', key('E-mail')],
  change: ['history', key('Change')],
  created: ['plus', key('Created')],
  deleted: ['trash-2', key('Moved to the bin')],
  restored: ['undo-2', key('Taken out of the bin')],
};

/** A computed yes or no that only repeats what the stage says; the page of a record leaves it out. */
export const STAGE_SAYS = 'open';

/** Sentences for what somebody did, by the server's word or the kind of stage. */
export const DID = {
  created: key('{who} created {record}'),
  'moved to the bin': key('{who} deleted {record}'),
  'taken out of the bin': key('{who} restored {record}'),
  won: key('{who} won {record}'),
  lost: key('{who} lost {record}'),
  open: key('{who} moved {record} to {stage}'),
  fields: key('{who} changed {record}: {fields}'),
  undo: key('{who} took back a change of {record}'),
  merge: key('{who} merged {record} into another record'),
};

/** The same for many records at once, by what was done to all of them or where the change came from. */
export const MANY = { ui: key('changed {things}'), import: key('imported {things}'), undo: key('took back {things}'), merge: key('merged {things}'), delete: key('deleted {things}'), restore: key('restored {things}') };

/** How the reason of a change begins that brought sample data. */
export const SAMPLE = 'import sample-';

/** Icon of an activity kind; unknown kinds count as tasks. */
export const kindIcon = (kind) => (KINDS[kind] ?? KINDS.task)[0];

/** Who works here: no file makes them in passing. */
export const ACCOUNTS = [USER, TEAM];

/** When an activity stands in its series: a wall time, as text. */
export const PLACE = 'recurrence_id';
/** What an activity has of its series; the page says it in words. */
export const OF_SERIES = ['series', PLACE, 'exception'];
