// Why two records may be the same, by the server's word.
import { key } from './i18n.js';

/** Reasons in words. */
export const WHY = {
  email: key('Same e-mail address'), phone: key('Same phone number'), domain: key('Same web address'),
  name_place: key('Same name and place'), name: key('Same name'), near_place: key('Similar name, same place'), near: key('Similar name'),
};
