import { expect, type Locator, type Page } from '@playwright/test';
import { Person } from './person.js';

/** More presses of Tab than any page has controls. */
const MOST_STOPS = 200;

/** Somebody who has no mouse. What has the focus must show it. */
export class KeyboardPerson extends Person {
  constructor(page: Page) {
    super(page);
  }

  /** From control to control until the wanted one has the focus. */
  async reach(target: Locator): Promise<void> {
    await expect(target).toBeVisible();
    for (let stop = 0; stop < MOST_STOPS && !(await hasFocus(target)); stop++) await this.press('Tab');
    await expect(target).toBeFocused();
    expect(await showsFocus(target), `${target} shows that it has the focus`).toBe(true);
  }

  async activate(target: Locator): Promise<void> {
    await this.reach(target);
    await this.press('Enter');
  }

  /** Into the field that has the focus. */
  async write(text: string): Promise<void> {
    this.keys += text.length;
    await this.page.keyboard.type(text);
  }

  async writeInto(field: Locator, text: string): Promise<void> {
    await this.reach(field);
    await this.write(text);
  }

  /** In place of what stands in the field. */
  async overwrite(field: Locator, text: string): Promise<void> {
    await this.reach(field);
    await this.press('ControlOrMeta+A');
    await this.write(text);
  }

  /** The file chooser that the button opens. */
  async bringFile(button: Locator, path: string): Promise<void> {
    const chooser = this.page.waitForEvent('filechooser');
    await this.activate(button);
    await (await chooser).setFiles(path);
  }
}

function hasFocus(target: Locator): Promise<boolean> {
  return target.evaluate((element) => element === element.ownerDocument.activeElement);
}

/** By its outline; a mark in a picture by the ring around it. */
function showsFocus(target: Locator): Promise<boolean> {
  return target.evaluate((element) => {
    const styleOf = element.ownerDocument.defaultView.getComputedStyle;
    if (element.ownerSVGElement) return styleOf(element.querySelector('circle')).stroke !== 'rgba(0, 0, 0, 0)';
    const { outlineStyle, outlineWidth } = styleOf(element);
    return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0;
  });
}
