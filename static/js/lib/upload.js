// Sends files to records, with progress, which fetch does not tell. Pictures that
// stand in place of initials are made small before they travel.
import { apiUrl, csrfHeader, ownChanges, sessionLost } from './api.js';
import { pathOf } from './meta.js';
import { t } from './i18n.js';

const SIDE = 512;

function failed(xhr) {
  let body = null;
  try { body = JSON.parse(xhr.responseText); } catch { body = null; }
  const error = body?.error;
  return Object.assign(new Error(error?.text || t('The server does not answer.')), { status: xhr.status, code: error?.code, fields: error?.fields ?? [], body });
}

function once(address, file, onProgress, signal) {
  return new Promise((done, bad) => {
    const xhr = new XMLHttpRequest();
    xhr.open('POST', address);
    xhr.setRequestHeader('Accept', 'application/json');
    xhr.setRequestHeader('X-CSRF-Token', csrfHeader());
    xhr.setRequestHeader('Content-Type', file.type && !file.type.startsWith('multipart/') ? file.type : 'application/octet-stream');
    xhr.upload.onprogress = (e) => e.lengthComputable && onProgress?.(e.loaded / e.total);
    xhr.onload = () => (xhr.status === 201 ? done(xhr) : bad(failed(xhr)));
    xhr.onerror = () => bad(failed(xhr));
    xhr.onabort = () => bad(Object.assign(new Error(t('Cancelled')), { name: 'AbortError', status: 0 }));
    signal?.addEventListener('abort', () => xhr.abort());
    xhr.send(file);
  });
}

/**
 * Attaches a file to a record; with `field` that field holds it as well. Resolves to
 * { body: the file's record, change }; onProgress gets a share from 0 to 1.
 */
export async function upload(kind, id, file, { field, name = file.name, onProgress, signal } = {}) {
  const address = apiUrl(`${pathOf(kind)}/${id}/files`, { name: name || t('Picture'), field });
  let xhr;
  try {
    xhr = await once(address, file, onProgress, signal);
  } catch (e) {
    if (e.status !== 401) throw e;
    await sessionLost();
    xhr = await once(address, file, onProgress, signal);
  }
  const change = xhr.getResponseHeader('X-Kontor-Change');
  if (change) ownChanges.add(change);
  return { body: JSON.parse(xhr.responseText), change };
}

/** A picture of at most 512 pixels a side, or the file as it is when it is none. */
export async function small(file) {
  const picture = await createImageBitmap(file).catch(() => null);
  const scale = picture ? Math.min(1, SIDE / Math.max(picture.width, picture.height)) : 1;
  if (!picture || (scale === 1 && /^image\/(png|jpeg|gif|webp)$/.test(file.type))) return file;
  const canvas = Object.assign(document.createElement('canvas'), { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) });
  canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height);
  const made = await new Promise((done) => canvas.toBlob(done, file.type === 'image/png' ? 'image/png' : 'image/jpeg', 0.85));
  return made ? new File([made], file.name.replace(/\.[^.]*$/, '') + (made.type === 'image/png' ? '.png' : '.jpg'), { type: made.type }) : file;
}
