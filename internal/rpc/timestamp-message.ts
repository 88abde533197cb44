import { type Timestamp, timestampFromDate } from "@bufbuild/protobuf/wkt";

/** The named times that are set, as fields of a message: absent stays absent. */
export function timestamps<Name extends string>(
  times: Readonly<Record<Name, Date | undefined>>,
): Partial<Record<Name, Timestamp>> {
  const set: Partial<Record<Name, Timestamp>> = {};
  for (const name in times) {
    const time: Date | undefined = times[name];
    if (time) set[name] = timestampFromDate(time);
  }
  return set;
}
