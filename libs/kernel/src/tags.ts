/** A word by which things are marked, such as a region or an export classification. Compared letter by letter. */
export const TAG = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,39}$/;
