import { createContext } from 'react';

/** Where menus are put instead of the end of the page: inside of an open modal `<dialog>`, for all that is outside is out of reach. */
export const PopupContainer = createContext<HTMLElement | undefined>(undefined);
