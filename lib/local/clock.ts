/** Time as an argument: every part of the local host takes its time from here, so that tests can move it. */
export interface Clock {
  /** milliseconds since 1970 */
  now(): number;
  /** Calls back once, `milliseconds` from now; the returned function calls it off. */
  after(milliseconds: number, callback: () => void): () => void;
}

interface Timer {
  at: number;
  callback: () => void;
  handle?: NodeJS.Timeout;
}

/** setTimeout holds 31 bits of milliseconds. */
const longestTimeout = 2 ** 31 - 1;

/** The machine's time plus an offset that only grows: `advance` brings expiry without waiting. */
export class AdjustableClock implements Clock {
  #offset = 0;
  readonly #timers = new Set<Timer>();
  readonly #onAdvance: (offset: number) => void;

  /** `onAdvance` is told the new offset, so that worker threads can follow. */
  constructor(onAdvance: (offset: number) => void = () => {}) {
    this.#onAdvance = onAdvance;
  }

  get offset(): number {
    return this.#offset;
  }

  now(): number {
    return Date.now() + this.#offset;
  }

  after(milliseconds: number, callback: () => void): () => void {
    const timer: Timer = { at: this.now() + milliseconds, callback };
    this.#timers.add(timer);
    this.#arm(timer);
    return () => this.#drop(timer);
  }

  /** Moves time forward; what falls due meanwhile is called at once. */
  advance(milliseconds: number): void {
    if (!(milliseconds >= 0)) throw new RangeError('time only moves forward');
    this.#offset += milliseconds;
    this.#onAdvance(this.#offset);
    for (const timer of this.#timers) this.#arm(timer);
  }

  /** Calls off everything, so that nothing keeps the process alive. */
  stop(): void {
    for (const timer of this.#timers) this.#drop(timer);
  }

  #arm(timer: Timer): void {
    clearTimeout(timer.handle);
    const wait = Math.min(Math.max(timer.at - this.now(), 0), longestTimeout);
    timer.handle = setTimeout(() => {
      if (timer.at > this.now()) return this.#arm(timer);
      this.#timers.delete(timer);
      timer.callback();
    }, wait);
  }

  #drop(timer: Timer): void {
    clearTimeout(timer.handle);
    this.#timers.delete(timer);
  }
}
