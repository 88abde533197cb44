import { callService, type RunningLarder } from "../clients/larder.ts";

/** Types of the newest events of a repository. */
export async function eventsOf(larder: RunningLarder, repositoryId: string): Promise<string[]> {
  const answer = await callService(larder, "RepoManager", "ListRepositoryEvents", {
    parent: `repositories/${repositoryId}`,
    pageSize: 100,
  });
  return (answer as { events: { type: string }[] }).events.map(({ type }) => type);
}
