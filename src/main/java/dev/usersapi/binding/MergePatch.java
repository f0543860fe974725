package dev.usersapi.binding;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a JSON Merge Patch (RFC 7396) says of an object.
 *
 * @param members null where the object is to be removed
 */
public record MergePatch(@Nullable ObjectNode members) {

    public static final String MEDIA_TYPE = "application/merge-patch+json";

    /** The object as it is to be, empty where it is to be removed; the target itself stays as it is. */
    public ObjectNode appliedTo(ObjectNode target) {
        return members == null ? target.objectNode() : merged(target, members);
    }

    private static ObjectNode merged(@Nullable JsonNode target, ObjectNode patch) {
        ObjectNode merged = patch.objectNode();
        if (target instanceof ObjectNode present) {
            merged.setAll(present);
        }
        patch.properties().forEach(member -> {
            String name = member.getKey();
            JsonNode value = member.getValue();
            if (value.isNull()) {
                merged.remove(name);
            } else {
                merged.set(name, value instanceof ObjectNode inner ? merged(merged.get(name), inner) : value);
            }
        });
        return merged;
    }
}
