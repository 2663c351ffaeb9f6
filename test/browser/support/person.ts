import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Locator, type Page } from '@playwright/test';
import type { User } from './platform.js';

/** Somebody in front of the portal: what they do is counted, and what the browser complains about is kept. */
export class Person {
  clicks = 0;
  keys = 0;
  private began = performance.now();
  private readonly complaints: string[] = [];

  constructor(readonly page: Page) {
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(error.stack ?? error.message));
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
    const { violations } = await new AxeBuilder({ page: this.page }).analyze();
    const broken = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
    expect(broken).toEqual([]);
  }

  /** Neither script errors nor breaches of the page's policy, all along. */
  expectNoComplaints(): void {
    expect(this.complaints).toEqual([]);
  }
}
