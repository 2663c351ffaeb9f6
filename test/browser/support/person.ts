import { AxeBuilder } from '@axe-core/playwright';
import { type ConsoleMessage, expect, type Locator, type Page } from '@playwright/test';
import type { User } from './platform.js';

/** Somebody in front of the portal: what they do is counted, and what the browser complains about is kept. */
export class Person {
  clicks = 0;
  keys = 0;
  private began = performance.now();
  private readonly complaints: string[] = [];

  constructor(readonly page: Page) {
    page.on('console', this.hear);
    page.on('pageerror', this.note);
  }

  private readonly hear = (message: ConsoleMessage): void => {
    if (message.type() === 'error' || message.type() === 'warning') this.complaints.push(message.text());
  };

  private readonly note = (error: Error): void => {
    this.complaints.push(error.stack ?? error.message);
  };

  /** What the browser says of the page from now on is not theirs to hear. */
  leave(): void {
    this.page.off('console', this.hear);
    this.page.off('pageerror', this.note);
  }

  async click(target: Locator): Promise<void> {
    this.clicks += 1;
    await target.click();
  }

  async press(key: string): Promise<void> {
    this.keys += 1;
    await this.page.keyboard.press(key);
  }

  async type(field: Locator, text: string): Promise<void> {
    this.keys += text.length;
    await field.fill(text);
  }

  /** From the button that opens the file chooser to the file in the page. */
  async chooseFile(button: Locator, path: string): Promise<void> {
    const chooser = this.page.waitForEvent('filechooser');
    await this.click(button);
    await (await chooser).setFiles(path);
  }

  async signIn({ email, password }: User): Promise<void> {
    await this.page.goto('/');
    this.began = performance.now();
    await this.type(this.page.getByLabel('Email'), email);
    await this.type(this.page.getByLabel('Password'), password);
    await this.click(this.page.getByRole('button', { name: 'Sign in' }));
    await expect(this.page.getByRole('navigation', { name: 'Main' })).toBeVisible();
  }

  get secondsSinceSignIn(): number {
    return (performance.now() - this.began) / 1000;
  }

  /** No rule of axe is broken by what is on screen. */
  async expectAccessible(): Promise<void> {
    // No page of ours has frames: without looking for them the rules are done in half the time; so is the report, of breaches alone.
    const { violations } = await new AxeBuilder({ page: this.page })
      .setLegacyMode()
      .options({ resultTypes: ['violations'] })
      .analyze();
    const broken = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
    expect(broken).toEqual([]);
  }

  /** What is wider than the window scrolls by itself, never the page. */
  async expectNoSidewaysScrolling(): Promise<void> {
    const beyond = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    expect(await this.page.evaluate<number>(beyond)).toBeLessThanOrEqual(0);
  }

  /** Neither script errors nor breaches of the page's policy, all along; `except` is what the test brings about on purpose. */
  expectNoComplaints(except?: RegExp): void {
    expect(this.complaints.filter((complaint) => !except?.test(complaint))).toEqual([]);
  }
}
