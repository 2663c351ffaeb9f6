const BOUNDARY = 'the-boundary-of-a-form';

/** How the official clients send files. */
export const FORM_HEADERS = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` };

const field = (name: string, value: string, more = '') =>
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n`;
const form = (...fields: string[]) => `${fields.join('')}--${BOUNDARY}--\r\n`;

export const fileForm = (filename: string, content: string): string =>
  form(field('purpose', 'fine-tune'), field('file', content, `; filename="${filename}"`));

export const partForm = (content: string): string => form(field('data', content, '; filename="blob"'));
