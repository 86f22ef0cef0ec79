// Where a file's bytes are, and which of them a browser may show in place.
import { apiUrl } from './api.js';

/** Address of a file's bytes; `inline` asks for it in place, which the server grants pictures and PDF. */
export const fileUrl = (file, inline) => apiUrl(`/files/${file.id}`, { inline: inline ? 1 : '' });
export const isPicture = (file) => /^image\/(png|jpeg|gif|webp)$/.test(file.media_type);
/** Can this browser show it in place? Those of phones have no reader for PDF. */
export const isShown = (file) => isPicture(file) || (file.media_type === 'application/pdf' && navigator.pdfViewerEnabled);
