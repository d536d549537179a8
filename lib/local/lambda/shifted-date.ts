/** Makes `Date` tell the machine's time plus `offset()`, in this thread only. */
export function shiftDate(offset: () => number): void {
  const RealDate = Date;
  const now = (): number => RealDate.now() + offset();
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: () => new RealDate(now()).toString(),
    get: (target, key, receiver) => (key === 'now' ? now : Reflect.get(target, key, receiver)),
  });
}
