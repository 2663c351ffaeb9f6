/**
 * Runs in the page before its own scripts, and knows nothing of them: when the hand did something, and the ends of the frames
 * in which something of the watched part changed after it, in elements or on a canvas. Input that comes as a stream (the
 * pointer's, the wheel's) has no entries of Event Timing, and the next frame after it may come before React's part of the
 * answer: so an answer is over when nothing changes any more for a while.
 */
(() => {
  const INPUTS = ['mousemove', 'mouseup', 'wheel'];
  let inputAt = null;
  let changedAt = 0;
  let frames = [];
  let framesUnderWay = 0;
  let rowsSeen = new Map();
  let rowsUndrawn = [];
  const longTasks = [];

  /** When the frame that is being made has been painted by the page's thread. */
  function atEndOfFrame(note) {
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => note(performance.now());
      port2.postMessage(null);
    });
  }

  function change() {
    changedAt = performance.now();
    framesUnderWay++;
    atEndOfFrame((at) => {
      framesUnderWay--;
      frames.push(at);
    });
  }

  function noteInput(event) {
    inputAt ??= event.timeStamp;
  }

  const clearRect = CanvasRenderingContext2D.prototype.clearRect;
  CanvasRenderingContext2D.prototype.clearRect = function clearAndTell(...area) {
    change();
    const rows = rowsUndrawn;
    rowsUndrawn = [];
    if (rows.length > 0) {
      atEndOfFrame((at) => {
        for (const row of rows) rowsSeen.set(row, performance.timeOrigin + at);
      });
    }
    return clearRect.apply(this, area);
  };
  for (const type of INPUTS) addEventListener(type, noteInput, { capture: true, passive: true });
  new PerformanceObserver((list) => longTasks.push(...list.getEntries())).observe({ type: 'longtask' });

  globalThis.probe = {
    watch(selector) {
      const everything = { subtree: true, childList: true, attributes: true, characterData: true };
      new MutationObserver(change).observe(document.querySelector(selector), everything);
    },
    arm() {
      inputAt = null;
      frames = [];
    },
    /** Milliseconds from the first input since `arm` to each frame that changed something, once nothing does any more. */
    async answer(quietMilliseconds) {
      const isQuiet = () => performance.now() - Math.max(inputAt, changedAt) >= quietMilliseconds;
      while (inputAt === null || framesUnderWay > 0 || !isQuiet()) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return frames.filter((at) => at > inputAt).map((at) => at - inputAt);
    },
    longestTask: () => Math.max(0, ...longTasks.map(({ duration }) => duration)),
    forgetTasks() {
      longTasks.length = 0;
    },
    /** From now on, when each new row of a table and the canvas that was drawn with it were on screen. */
    watchRows(selector) {
      const table = document.querySelector(selector);
      const rows = () => [...table.querySelectorAll('tbody tr')].map((row) => row.firstElementChild.textContent);
      const known = new Set(rows());
      new MutationObserver(() => {
        const fresh = rows().filter((row) => !known.has(row));
        for (const row of fresh) known.add(row);
        rowsUndrawn.push(...fresh);
      }).observe(table, { subtree: true, childList: true, characterData: true });
      rowsSeen = new Map();
    },
    rowsSeen: () => [...rowsSeen],
    /** Where the topmost part of the plot has something that is darker than its grid: columns of pixels, as shares of its width. */
    columnsWithInk(topShare) {
      const canvas = document.querySelector('figure canvas');
      const over = document.querySelector('figure .u-over').getBoundingClientRect();
      const box = canvas.getBoundingClientRect();
      const scale = canvas.width / box.width;
      const [left, top] = [(over.left - box.left) * scale, (over.top - box.top) * scale];
      const [width, height] = [Math.round(over.width * scale), Math.round(over.height * scale * topShare)];
      const { data } = canvas.getContext('2d').getImageData(left, top, width, height);
      const columns = new Set();
      for (let at = 0; at < data.length; at += 4) {
        const isInk = data[at + 3] > 128 && Math.min(data[at], data[at + 1], data[at + 2]) < 160;
        if (isInk) columns.add((at / 4) % width);
      }
      return [...columns].map((column) => column / width);
    },
  };
})();
