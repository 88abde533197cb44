/** One result, and whether somebody else had already started the run that gave it. */
export interface SharedRun<T> {
  readonly value: T;
  readonly joined: boolean;
}

/**
 * One run per key: whoever asks for a key while its run is under way gets that run's result.
 * @param busyUntil keeps the key taken after the result is there, e.g. until a download has landed.
 */
export function shareRuns<T>(
  busyUntil: (value: T) => Promise<unknown> | undefined = () => undefined,
): (key: string, run: () => Promise<T>) => Promise<SharedRun<T>> {
  const running = new Map<string, Promise<T>>();

  const start = async (key: string, run: () => Promise<T>): Promise<T> => {
    let busy: Promise<unknown> | undefined;
    try {
      const value = await run();
      busy = busyUntil(value);
      return value;
    } finally {
      if (busy)
        busy.then(
          () => running.delete(key),
          () => running.delete(key),
        );
      else running.delete(key);
    }
  };

  return async (key, run) => {
    const current = running.get(key);
    if (current) return { value: await current, joined: true };
    const started = start(key, run);
    running.set(key, started);
    return { value: await started, joined: false };
  };
}
