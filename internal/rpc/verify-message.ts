import type { MessageInitShape } from "@bufbuild/protobuf";
import type { DamagedBodySchema, VerifyCacheResponseSchema } from "#gen/larder/v1/mirror_service_pb.ts";
import type { DamagedBody, VerifyProgress } from "#internal/mirror/verify.ts";
import { entryName } from "./resource-name.ts";

export function toVerifyMessage(progress: VerifyProgress): MessageInitShape<typeof VerifyCacheResponseSchema> {
  const { entries, bytes, rotten, missing, healed, unrepairable, damage, done } = progress;
  return {
    checkedEntries: BigInt(entries),
    checkedBytes: BigInt(bytes),
    rottenBodies: BigInt(rotten),
    missingBodies: BigInt(missing),
    healedBodies: BigInt(healed),
    unrepairableBodies: BigInt(unrepairable),
    done,
    ...(damage && { damage: toDamageMessage(damage) }),
  };
}

function toDamageMessage(damage: DamagedBody): MessageInitShape<typeof DamagedBodySchema> {
  const { repositoryId, entry, digest, state, healed, detail } = damage;
  return { entry: entryName(repositoryId, entry), state: state.toUpperCase(), digest, healed, detail };
}
