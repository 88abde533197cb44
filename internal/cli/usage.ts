import { InvalidArgumentError } from "commander";
import { Fault } from "#internal/fault/fault.ts";

/** The command line is wrong in a way that the parser does not see. */
export function usageFault(message: string, option: string): Fault {
  return new Fault("ARGUMENT_INVALID", message, { field: option });
}

/** A parser of option values whose errors, "must be …", the command line explains. */
export function optionParser<Value>(parse: (text: string) => Value): (text: string) => Value {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      throw new InvalidArgumentError(`It ${(error as Error).message}.`);
    }
  };
}

/** For an option that may be repeated. */
export function collect(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}
