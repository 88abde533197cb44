/** Works through the items in their order, so many at a time. @returns what becomes of each. */
export function inLanes<Item, Result>(
  lanes: number,
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result>[] {
  const outcomes = items.map(() => Promise.withResolvers<Result>());
  // Whoever asks for an outcome hears of its failure; nobody has to.
  for (const { promise } of outcomes) promise.catch(() => undefined);
  let next = 0;
  const run = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      await work(items[index] as Item, index).then(outcomes[index]?.resolve, outcomes[index]?.reject);
    }
  };
  for (let lane = 0; lane < lanes; lane++) void run();
  return outcomes.map(({ promise }) => promise);
}
