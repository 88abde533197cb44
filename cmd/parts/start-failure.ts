/** Why a process cannot start, in one line for whoever starts it: nothing of Larder's is wrong, so no stack is shown. */
export class StartFailure extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = "StartFailure";
  }
}
