/**
 * Gives events that were written before they named the uid that of their repository; those of a deleted one that had the id before, which
 * are older than the last CREATED, get none. The same on both dialects, and done twice it changes nothing.
 */
export const OWN_EVENTS = `update repository_event
  set repository_uid = coalesce((select uid from repository where repository.id = repository_event.repository_id), '')
  where repository_uid = '' and id >= (
    select newest.id from (
      select repository_id, max(id) as id from repository_event where type = 'CREATED' group by repository_id
    ) as newest where newest.repository_id = repository_event.repository_id)`;
