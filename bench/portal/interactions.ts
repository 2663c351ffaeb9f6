import type { Page } from '@playwright/test';

const QUIET_MILLISECONDS = 100;
/** Where more points come after a zoom they are asked for and drawn within it. */
const ALL_IS_THERE_MILLISECONDS = 1_500;
/** What the portal waits before it asks for more points, and the answer. */
const PAUSE_MILLISECONDS = 900;
const HOVERS = 240;
const PANS = 80;
const PANS_AT_A_TIME = 10;
const ZOOMS_INTO = [0.15, 0.35, 0.55, 0.75];
/** Of what is in view, so that three zooms end at a hundred steps. */
const ZOOM_SHARE = 0.1;
const ZOOMS_IN_A_ROW = 3;

export interface Times {
  hover: number[];
  pan: number[];
  zoom: number[];
  zoomToAllPoints: number[];
}

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A hand on a chart: it moves, turns the wheel sideways, drags. Each time is from the input to the last change it brings. */
export class Hand {
  private constructor(
    private readonly page: Page,
    private readonly plot: Box,
  ) {}

  static async on(page: Page): Promise<Hand> {
    const plot = await page.locator('figure .u-over').boundingBox();
    if (!plot) throw new Error('there is no plot to lay a hand on');
    await page.evaluate("probe.watch('figure')");
    return new Hand(page, plot);
  }

  async measure(): Promise<Times> {
    const times: Times = { hover: await this.hover(HOVERS / 2), pan: [], zoom: [], zoomToAllPoints: [] };
    for (const share of ZOOMS_INTO) {
      for (let depth = 0; depth < ZOOMS_IN_A_ROW; depth++) {
        const { first, last } = await this.zoomInto(depth === 0 ? share : 0.5);
        times.zoom.push(first);
        times.zoomToAllPoints.push(last);
        if (depth === 0) times.pan.push(...(await this.pan(PANS / ZOOMS_INTO.length)));
      }
      times.hover.push(...(await this.hover(HOVERS / 2 / ZOOMS_INTO.length)));
      await this.showAll();
    }
    return times;
  }

  /** From the left to the right, up and down. */
  private async hover(count: number): Promise<number[]> {
    const times: number[] = [];
    for (let move = 0; move < count; move++) {
      const height = 0.5 + 0.4 * Math.sin(move);
      times.push(last(await this.answerTo(() => this.moveTo((move + 0.5) / count, height))));
    }
    return times;
  }

  private async pan(count: number): Promise<number[]> {
    const times: number[] = [];
    await this.moveTo(0.5, 0.5);
    for (let turn = 0; turn < count; turn++) {
      const pixels = Math.floor(turn / PANS_AT_A_TIME) % 2 === 0 ? 90 : -90;
      times.push(last(await this.answerTo(() => this.page.mouse.wheel(pixels, 0))));
      if ((turn + 1) % PANS_AT_A_TIME === 0) await this.page.waitForTimeout(PAUSE_MILLISECONDS);
    }
    return times;
  }

  private async zoomInto(share: number): Promise<{ first: number; last: number }> {
    await this.moveTo(share - ZOOM_SHARE / 2, 0.5);
    await this.page.mouse.down();
    await this.moveTo(share, 0.5);
    await this.moveTo(share + ZOOM_SHARE / 2, 0.5);
    await this.page.waitForTimeout(QUIET_MILLISECONDS);
    const frames = await this.answerTo(() => this.page.mouse.up(), ALL_IS_THERE_MILLISECONDS);
    const gap = frames.findIndex((at, place) => (frames[place + 1] ?? at) - at > QUIET_MILLISECONDS);
    return { first: frames[gap] ?? last(frames), last: last(frames) };
  }

  /** To the last of the zooms in a row. */
  async zoomDeep(): Promise<void> {
    for (let depth = 0; depth < ZOOMS_IN_A_ROW; depth++) await this.zoomInto(0.5);
  }

  private async showAll(): Promise<void> {
    await this.page.getByRole('button', { name: 'Show all of it' }).click();
    await this.page.waitForTimeout(PAUSE_MILLISECONDS);
  }

  private moveTo(shareOfWidth: number, shareOfHeight: number): Promise<void> {
    const { x, y, width, height } = this.plot;
    return this.page.mouse.move(x + shareOfWidth * width, y + shareOfHeight * height);
  }

  private async answerTo(act: () => Promise<void>, quietMilliseconds = QUIET_MILLISECONDS): Promise<number[]> {
    await this.page.evaluate('probe.arm()');
    await act();
    const frames = await this.page.evaluate<number[]>(`probe.answer(${quietMilliseconds})`);
    if (frames.length === 0) throw new Error('nothing changed on the chart');
    return frames;
  }
}

function last(frames: readonly number[]): number {
  return frames.at(-1) ?? Number.NaN;
}
