import { UpstreamMode as UpstreamModeMessage, Visibility as VisibilityMessage } from "#gen/larder/v1/resources_pb.ts";
import { Fault } from "#internal/fault/fault.ts";
import type { UpstreamMode, Visibility } from "#internal/repository/repository.ts";

export const VISIBILITIES: Readonly<Record<Visibility, VisibilityMessage>> = {
  PUBLIC: VisibilityMessage.PUBLIC,
  INTERNAL: VisibilityMessage.INTERNAL,
  PRIVATE: VisibilityMessage.PRIVATE,
};

export const UPSTREAM_MODES: Readonly<Record<UpstreamMode, UpstreamModeMessage>> = {
  ONLINE: UpstreamModeMessage.ONLINE,
  OFFLINE: UpstreamModeMessage.OFFLINE,
};

/** Undefined when it is not said. @throws Fault ARGUMENT_INVALID for a number without a name. */
export function readVisibility(message: VisibilityMessage, field: string): Visibility | undefined {
  return readWord(VISIBILITIES, message, field);
}

/** Undefined when it is not said. @throws Fault ARGUMENT_INVALID for a number without a name. */
export function readUpstreamMode(message: UpstreamModeMessage, field: string): UpstreamMode | undefined {
  return readWord(UPSTREAM_MODES, message, field);
}

/** The word of an enum's number; 0 is "not said". */
export function readWord<Word extends string>(
  numbers: Readonly<Record<Word, number>>,
  message: number,
  field: string,
): Word | undefined {
  if (message === 0) return undefined;
  for (const word in numbers) if (numbers[word] === message) return word;
  const known = Object.keys(numbers).join(", ");
  throw new Fault("ARGUMENT_INVALID", `${field} ${message} is not one of ${known}`, { field });
}
