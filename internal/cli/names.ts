/** `repositories/npm` of `npm`; a whole name stays as it is. */
export function repositoryNameOf(id: string): string {
  return id.startsWith("repositories/") ? id : `repositories/${id}`;
}

/** `indexTasks/1` of `1`; a whole name stays as it is. */
export function indexTaskNameOf(id: string): string {
  return id.startsWith("indexTasks/") ? id : `indexTasks/${id}`;
}

/** The last part of a resource name, decoded. */
export function lastPart(name: string): string {
  const part = name.slice(name.lastIndexOf("/") + 1);
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
